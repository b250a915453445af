#include "tweak.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

// -------------------------------------------------------------------------------- one text, found

// The literal with its sign, as it stands in the text.
static void assert_found_in(const char *text, const char *name, const char *function,
                            const char *wanted)
{
    TweakPlace place;
    Fault fault = {0};
    TweakFound found = tweak_find(text, strlen(text), "game.c", name, function, &place, &fault);
    if (found != TWEAK_FOUND) {
        fail_msg("%s: %s", name, fault.text);
    }
    char literal[80];
    (void)text_format(literal, sizeof(literal), "%s%.*s", place.is_negative ? "-" : "",
                      (int)place.bytes, text + place.at);
    assert_string_equal(literal, wanted);
    // It is the one at that line.
    uint32_t line = 1;
    for (size_t i = 0; i < place.at; i++) {
        line += text[i] == '\n';
    }
    assert_int_equal(place.line, line);
}

static void assert_found(const char *text, const char *name, const char *wanted)
{
    assert_found_in(text, name, "", wanted);
}

static void assert_not_found(const char *text, const char *name, TweakFound wanted,
                             const char *because)
{
    TweakPlace place;
    Fault fault = {0};
    assert_int_equal(tweak_find(text, strlen(text), "game.c", name, "", &place, &fault), wanted);
    if (!strstr(fault.text, because) || !strstr(fault.text, name)) {
        fail_msg("\"%s\" says neither %s nor %s", fault.text, name, because);
    }
    assert_int_equal(place.bytes, 0);
}

static void finds_plain_declarations(void **state)
{
    // Scenario: globals and statics as games write them, several in a line, behind attributes, with
    // signs, without blanks, the name's namesakes all around.
    // Expect: the literal of exactly that name.
    (void)state;
    assert_found("static float SPEED = 3.5f;\n", "SPEED", "3.5f");
    assert_found("int a = 1, b = 2, c=-3;\n", "a", "1");
    assert_found("int a = 1, b = 2, c=-3;\n", "b", "2");
    assert_found("int a = 1, b = 2, c=-3;\n", "c", "-3");
    assert_found("float SPEEDY = 1, SPEED = 2, MY_SPEED = 3;", "SPEED", "2");
    assert_found("static int t[] = {1, 2}, n = 7;", "n", "7");
    assert_found("static int t[2] = {[0] = 1}; static const int *p = t; double d = 1e-3;", "d",
                 "1e-3");
    assert_found("static float x __attribute__((aligned(16))) = .5f;", "x", ".5f");
    assert_found("static hl_color sky = 0x4080ffff;", "sky", "0x4080ffff");
    assert_found("bool on = true;", "on", "true");
    assert_found("float y = ( - 2.f );", "y", "-2.f");
    assert_found("float z = +4;", "z", "4");
    assert_found("struct S { int hp; } s = {1}; int hp = 9;", "hp", "9");
    assert_found("extern float G; float G = 9.81f;", "G", "9.81f");
    assert_found("static float A;\nstatic float A = 2;\n", "A", "2");
}

static void passes_by_what_is_no_code(void **state)
{
    // Scenario: the declaration also stands in comments, texts, macros and behind #if 0.
    // Expect: the one that is compiled.
    (void)state;
    assert_found("// float S = 1;\n/* float S = 2; */ float S = 3;", "S", "3");
    assert_found("// goes on \\\nfloat S = 1;\nfloat S = 3;", "S", "3");
    assert_found("const char *t = \"float S = 1; \\\" { \"; char q = '\"'; float S = 3;", "S", "3");
    assert_found("#define S_INIT float S = 1;\n#define M(x) \\\n  float S = x; {\nfloat S = 3;",
                 "S", "3");
    assert_found("#if 0\nfloat S = 1; don't {\n#else\nfloat S = 3;\n#endif\n", "S", "3");
    assert_found("#if 1 // yes\nfloat S = 3;\n#else\nfloat S = 1;\n#endif\n", "S", "3");
    assert_found("#if 0\n#if 1\nfloat S = 1;\n#endif\nfloat S = 2;\n#endif\nfloat S = 3;", "S",
                 "3");
    assert_found("\xef\xbb\xbf"
                 "float S = 3; /* \xff\xfe */\r\nint b = 4;\r\n",
                 "b", "4");
    assert_found("float /* S = 1 */ S /**/ = /**/ 3 /**/;", "S", "3");
}

static void knows_braces_of_branches(void **state)
{
    // Scenario: both branches of an #if open a function's brace, which is closed once.
    // Expect: what comes behind it is outside of functions again.
    (void)state;
    assert_found("#ifdef A\nint f(int a) {\n#else\nint f(void) {\n#endif\n return 1; }\nint S = 3;",
                 "S", "3");
}

static void finds_tweaks_of_the_api(void **state)
{
    // Scenario: HL_TWEAK with and without `;`, with expressions as limits.
    // Expect: its second argument.
    (void)state;
    const char *text = "HL_TWEAK(JUMP, 315, 50, 600)\nHL_TWEAK(G, -9.5f, -(20), 2 * 10);\n"
                       "static float S = 4;";
    assert_found(text, "JUMP", "315");
    assert_found(text, "G", "-9.5f");
    assert_found(text, "S", "4");
}

static void finds_statics_of_functions(void **state)
{
    // Scenario: a static inside a function, a local and an assignment of its name, another
    // function's static of that name.
    // Expect: that of the function which was named; as a name outside of functions: nothing.
    (void)state;
    const char *text =
        "static int jump(int n) { float S = 1; S = 2; return n; }\n"
        "void update(void *g, hl_tick *t)\n{\n    if (g) {\n        static int a[] = "
        "{1}, S = 5;\n        S = 6;\n    }\n}\n"
        "float draw(void) __attribute__((noinline));\n"
        "float draw(void) { static float S = 7; return S == 8; }\n";
    assert_found_in(text, "S", "update", "5");
    assert_found_in(text, "S", "draw", "7");
    assert_not_found(text, "S", TWEAK_NOT_HERE, "plain sight");
}

static void refuses_what_is_no_literal(void **state)
{
    // Scenario: sums, macros, casts, tables, texts, no initialiser, several declarations, none.
    // Expect: refused, saying what stands there and where.
    (void)state;
    assert_not_found("float S = 2 * BASE;", "S", TWEAK_REFUSED, "2 * BASE");
    assert_not_found("\n\nfloat S = BASE;", "S", TWEAK_REFUSED, "line 3");
    assert_not_found("float S = (float)3;", "S", TWEAK_REFUSED, "(float)3");
    assert_not_found("float S = 1 + 2;", "S", TWEAK_REFUSED, "1 + 2");
    assert_not_found("float S = - -3;", "S", TWEAK_REFUSED, "- -3");
    assert_not_found("float S[] = {[2] = 1};", "S", TWEAK_NOT_HERE, "plain sight");
    assert_not_found("V S = {1, 2};", "S", TWEAK_REFUSED, "{1, 2}");
    assert_not_found("char S = 'a';", "S", TWEAK_REFUSED, "'a'");
    assert_not_found("float S = ;", "S", TWEAK_REFUSED, "no single number");
    assert_not_found("float S = 3", "S", TWEAK_REFUSED, "no single number");
    assert_not_found("static float S;", "S", TWEAK_REFUSED, "= 0");
    assert_not_found("#ifdef A\nfloat S = 1;\n#else\nfloat S = 2;\n#endif", "S", TWEAK_REFUSED,
                     "lines 2 and 4");
    assert_not_found("enum { S = 3 }; int f(void) { int S = 4; }", "S", TWEAK_NOT_HERE,
                     "does not declare");
    assert_not_found("", "S", TWEAK_NOT_HERE, "does not declare");
}

static void survives_any_text(void **state)
{
    // Scenario: every beginning of a text with everything in it, and single bytes changed.
    // Expect: an answer, and one that lies in the text.
    (void)state;
    const char *whole = "#if 0\n'\n#elif X\n#define A \\\n\"\n#endif\nHL_TWEAK(S, 1, (2), 3)}\n"
                        "int f(int (*g)(void)) { static int a[] = {1, {2}}, S = -0x1p-3f; } /*";
    char text[400];
    size_t length = strlen(whole);
    for (size_t end = 0; end <= length; end++) {
        for (size_t at = 0; at < end; at += 7) {
            static const char ODD[] = {'"', '(', '}', '\\', '#', '\n', '\0'};
            TweakPlace place;
            Fault fault;
            memcpy(text, whole, end);
            text[at] = ODD[(at + end) % sizeof(ODD)];
            if (tweak_find(text, end, "t", "S", end % 2 ? "f" : "", &place, &fault)
                == TWEAK_FOUND) {
                assert_true(place.bytes > 0 && place.at + place.bytes <= end);
            }
        }
    }
}

// ---------------------------------------------------------------------------------------- numbers

static TweakValue real_value(double real, uint32_t bytes)
{
    return (TweakValue){
        .kind = TWEAK_REAL, .bytes = bytes, .real = bytes == 4 ? (double)(float)real : real};
}

static TweakValue whole_value(int64_t whole, uint32_t bytes, bool is_signed)
{
    return (TweakValue){
        .kind = TWEAK_WHOLE, .bytes = bytes, .is_signed = is_signed, .whole = (uint64_t)whole};
}

static void assert_written(const char *literal, TweakValue value, const char *wanted)
{
    char out[TWEAK_LITERAL_MAX], signed_out[TWEAK_LITERAL_MAX + 1];
    bool is_negative;
    if (!tweak_write(literal, strlen(literal), &value, out, &is_negative)) {
        fail_msg("%s: not written", literal);
    }
    (void)text_format(signed_out, sizeof(signed_out), "%s%s", is_negative ? "-" : "", out);
    assert_string_equal(signed_out, wanted);
    TweakValue read = value;
    assert_true(tweak_read(out, strlen(out), is_negative, &read));
    assert_true(tweak_is_equal(&read, &value));
}

static void writes_in_the_manner_of_what_stands_there(void **state)
{
    // Scenario: numbers in place of literals of every kind.
    // Expect: suffix, base, width, exponent and the point's place stay; the value is exact.
    (void)state;
    assert_written("3.5f", real_value(4.25, 4), "4.25f");
    assert_written("3.5f", real_value(4, 4), "4.0f");
    assert_written("1.f", real_value(2, 4), "2.f");
    assert_written(".5F", real_value(0.1, 4), ".1F");
    assert_written(".5f", real_value(1.5, 4), "1.5f");
    assert_written("3.5", real_value(0.1, 8), "0.1");
    assert_written("90", real_value(93, 4), "93");
    assert_written("90", real_value(93.5, 4), "93.5f");
    assert_written("90", real_value(93.5, 8), "93.5");
    assert_written("3.5f", real_value(0.1, 8), "0.1");
    assert_written("1e-3f", real_value(0.0025, 4), "2.5e-3f");
    assert_written("1E6", real_value(2500000, 8), "2.5E6");
    assert_written("0x1p3f", real_value(12, 4), "0x1.8p+3f");
    assert_written("1.5", real_value(-2.5, 8), "-2.5");
    assert_written("0.0f", real_value(-0.0, 4), "-0.0f");
    assert_written("1.0f", real_value(16777216, 4), "16777216.0f");
    assert_written("1.0f", real_value(1e30, 4), "1e30f");
    assert_written("1.0f", real_value(1e-9, 4), "1e-9f");
    assert_written("7", whole_value(-12, 4, true), "-12");
    assert_written("7u", whole_value(12, 4, false), "12u");
    assert_written("7UL", whole_value(12, 8, false), "12UL");
    assert_written("0x0f", whole_value(0x1f, 4, true), "0x1f");
    assert_written("0x0F", whole_value(0xab, 4, true), "0xAB");
    assert_written("0XFFU", whole_value(5, 4, false), "0X05U");
    assert_written("0x4080ffff", whole_value(0x00112233, 4, false), "0x00112233");
    assert_written("0644", whole_value(0755, 4, true), "0755");
    assert_written("0", whole_value(9, 4, true), "9");
    assert_written("0b0011", whole_value(4, 1, false), "0b0100");
    assert_written("1", whole_value(-1, 8, false), "18446744073709551615u");
    assert_written("1", whole_value(INT32_MIN, 4, true), "-2147483648");
    assert_written("3.0", whole_value(4, 4, true), "4.0");
    TweakValue yes = {.kind = TWEAK_BOOL, .bytes = 1, .whole = 1}, no = yes;
    no.whole = 0;
    assert_written("false", yes, "true");
    assert_written("true", no, "false");
    assert_written("0", yes, "1");
    assert_written("1", no, "0");
}

static void is_said_plainly(void **state)
{
    // Scenario: values as messages and requests name them.
    // Expect: the fewest digits that are the number, without an exponent where it is readable.
    (void)state;
    static const struct {
        double real;
        uint32_t bytes;
        const char *text;
    } CASES[] = {
        {400, 4, "400"}, {0.1, 4, "0.1"},    {0.1, 8, "0.1"},    {-2.5, 4, "-2.5"},
        {0, 4, "0"},     {1e30, 8, "1e+30"}, {1e-9, 4, "1e-09"}, {16777216, 4, "16777216"}};
    char text[64];
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        TweakValue value = real_value(CASES[i].real, CASES[i].bytes);
        tweak_text(&value, text, sizeof(text));
        assert_string_equal(text, CASES[i].text);
    }
}

static void reads_as_the_compiler_does(void **state)
{
    // Scenario: literals whose type decides what a variable of another type gets.
    // Expect: C's values.
    (void)state;
    struct {
        const char *literal;
        bool is_negative;
        TweakValue value;
    } cases[] = {
        {"0.1", false, real_value(0.1, 4)},
        {"0.1f", false, real_value((double)0.1f, 8)},
        {"3.9", false, whole_value(3, 4, true)},
        {"1u", true, whole_value(UINT32_MAX, 8, true)},
        {"1", true, whole_value(-1, 4, false)},
        {"0xffffffff", false, whole_value(-1, 4, true)},
        {"0xffffffff", true, whole_value(1, 8, true)},
        {"4294967295", true, whole_value(-4294967295ll, 8, true)},
        {"300", false, whole_value(44, 1, false)},
        {"010", false, whole_value(8, 4, true)},
        {"1u", true, real_value(4294967295.0, 8)},
    };
    cases[4].value.whole = UINT32_MAX;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        TweakValue read = cases[i].value;
        read.real = 0;
        read.whole = 12345;
        assert_true(
            tweak_read(cases[i].literal, strlen(cases[i].literal), cases[i].is_negative, &read));
        if (!tweak_is_equal(&read, &cases[i].value)) {
            fail_msg("%s: %g %llx", cases[i].literal, read.real, (unsigned long long)read.whole);
        }
    }
}

static void reads_no_nonsense(void **state)
{
    // Scenario: what looks like a number and is none of C11, or too large a one.
    // Expect: not read, and not written like.
    (void)state;
    static const char *const ODD[] = {
        "",      "0x",   "08", "1.5ff", "1ulul", "12abc",
        "1'000", "0x1p", "1e", "1..2",  "1e999", "99999999999999999999",
        "0b2",   "1.5u", "0b", "f",     "."};
    for (size_t i = 0; i < COUNT_OF(ODD); i++) {
        TweakValue value = real_value(1, 8);
        if (tweak_read(ODD[i], strlen(ODD[i]), false, &value)) {
            fail_msg("%s was read as %g", ODD[i], value.real);
        }
    }
    char out[TWEAK_LITERAL_MAX];
    bool is_negative;
    TweakValue infinite = real_value(1, 8);
    infinite.real = 1e308 * 10;
    assert_false(tweak_write("1.0", 3, &infinite, out, &is_negative));
}

static void floats_are_exact(void **state)
{
    // Scenario: 20,000 floats and doubles of all sizes, written like several literals.
    // Expect: the compiler reads back the same bits (assert_written's check, by tweak_read).
    (void)state;
    static const char *const LIKE[] = {"1.0f", "1.0", "1", ".5f", "1e3f", "0x1p0f"};
    uint64_t seed = 88172645463325252ull;
    for (int i = 0; i < 20000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        char out[TWEAK_LITERAL_MAX];
        bool is_negative;
        TweakValue value, read;
        uint32_t bytes = i % 2 ? 4 : 8;
        assert_true(tweak_value(TWEAK_REAL, bytes, true, &seed, &value));
        if (value.real - value.real != 0) {
            continue; // infinite or not a number
        }
        const char *like = LIKE[(unsigned)i % COUNT_OF(LIKE)];
        if (!tweak_write(like, strlen(like), &value, out, &is_negative)) {
            fail_msg("%a like %s: not written", value.real, like);
        }
        read = value;
        assert_true(tweak_read(out, strlen(out), is_negative, &read));
        assert_true(tweak_is_equal(&read, &value));
    }
}

// ------------------------------------------------------------------------------------------ files

typedef struct Place {
    char folder[64], path[96];
} Place;

static int open_place(void **state)
{
    static Place place;
    (void)text_format(place.folder, sizeof(place.folder), "/tmp/tweak-test-XXXXXX");
    assert_non_null(mkdtemp(place.folder));
    (void)text_format(place.path, sizeof(place.path), "%s/game.c", place.folder);
    *state = &place;
    return 0;
}

static int close_place(void **state)
{
    Place *place = *state;
    static const char *const NAMES[] = {"game.c", "link.c", "sub/numbers.h", "sub", "other.h"};
    char path[128];
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        (void)text_format(path, sizeof(path), "%s/%s", place->folder, NAMES[i]);
        (void)remove(path);
    }
    return rmdir(place->folder); // and so: nothing temporary is left
}

static void put_file(const char *path, const void *data, size_t bytes)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, bytes, file), bytes);
    assert_int_equal(fclose(file), 0);
}

static void assert_file(const char *path, const void *data, size_t bytes)
{
    char got[1024];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(got, 1, sizeof(got), file);
    fclose(file);
    assert_int_equal(size, bytes);
    assert_memory_equal(got, data, bytes);
}

static TweakKeep keep_of(const char *path, const char *name, double loaded, double value)
{
    return (TweakKeep){.path = path,
                       .name = name,
                       .function = "",
                       .loaded = real_value(loaded, 4),
                       .value = real_value(value, 4)};
}

static void keeps_everything_else(void **state)
{
    // Scenario: a file with CRLF, tabs, bytes that are no UTF-8, no newline at its end, mode 0754;
    // a value is kept in it through a symlink. Expect: exactly the literal differs; the link is
    // one; the mode stays.
    Place *place = *state;
    static const char BEFORE[] = "// \xff\r\n\tstatic float A = 1.5f,\tS=-2.50f ;\r\nint x;\r";
    static const char AFTER[] = "// \xff\r\n\tstatic float A = 1.5f,\tS=3.25f ;\r\nint x;\r";
    char link[96];
    struct stat info;
    TweakKept kept;
    Fault fault = {0};
    put_file(place->path, BEFORE, sizeof(BEFORE) - 1);
    assert_int_equal(chmod(place->path, 0754), 0);
    (void)text_format(link, sizeof(link), "%s/link.c", place->folder);
    assert_int_equal(symlink("game.c", link), 0);
    TweakKeep keep = keep_of(link, "S", -2.5, 3.25);
    if (!tweak_keep(&keep, &kept, &fault)) {
        fail_msg("%s", fault.text);
    }
    assert_file(place->path, AFTER, sizeof(AFTER) - 1);
    assert_string_equal(kept.was, "-2.50f");
    assert_string_equal(kept.now, "3.25f");
    assert_int_equal(kept.line, 2);
    assert_string_equal(strrchr(kept.path, '/'), "/game.c");
    assert_int_equal(lstat(link, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(stat(place->path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0754);
}

static void refuses_a_file_that_changed(void **state)
{
    // Scenario: the build began with 2.5, and the file says 2.75 by now; then one that is gone.
    // Expect: refused, saying both numbers; the file is as it was.
    Place *place = *state;
    static const char TEXT[] = "static float S = 2.75f;\n";
    TweakKept kept;
    Fault fault = {0};
    put_file(place->path, TEXT, sizeof(TEXT) - 1);
    TweakKeep keep = keep_of(place->path, "S", 2.5, 3.25);
    assert_false(tweak_keep(&keep, &kept, &fault));
    assert_int_equal(fault.kind, FAULT_USAGE);
    assert_non_null(strstr(fault.text, "has changed underneath"));
    assert_non_null(strstr(fault.text, "2.75f"));
    assert_non_null(strstr(fault.text, "2.5."));
    assert_file(place->path, TEXT, sizeof(TEXT) - 1);
    assert_int_equal(remove(place->path), 0);
    assert_false(tweak_keep(&keep, &kept, &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
}

static void writes_nothing_without_need(void **state)
{
    // Scenario: the value that the file has is kept.
    // Expect: fine, and the file is not even touched.
    Place *place = *state;
    static const char TEXT[] = "static float S = 2.75f;\n";
    struct stat before, after;
    TweakKept kept;
    Fault fault = {0};
    put_file(place->path, TEXT, sizeof(TEXT) - 1);
    assert_int_equal(stat(place->path, &before), 0);
    TweakKeep keep = keep_of(place->path, "S", 2.75, 2.75);
    assert_true(tweak_keep(&keep, &kept, &fault));
    assert_true(kept.is_same);
    assert_int_equal(stat(place->path, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
}

static void finds_it_in_a_header(void **state)
{
    // Scenario: the unit includes "sub/numbers.h", which declares the variable and includes itself.
    // Expect: the header is rewritten, the unit is not; a name that nobody has is refused with the
    // unit's name.
    Place *place = *state;
    static const char UNIT[] = "#include <math.h>\n#include \"sub/numbers.h\"\nint x = 1;\n";
    static const char BEFORE[] = "#include \"numbers.h\"\nstatic float S = 1; // m/s\n";
    static const char AFTER[] = "#include \"numbers.h\"\nstatic float S = 2; // m/s\n";
    char folder[96], header[128];
    TweakKept kept;
    Fault fault = {0};
    (void)text_format(folder, sizeof(folder), "%s/sub", place->folder);
    (void)text_format(header, sizeof(header), "%s/numbers.h", folder);
    assert_int_equal(mkdir(folder, 0755), 0);
    put_file(place->path, UNIT, sizeof(UNIT) - 1);
    put_file(header, BEFORE, sizeof(BEFORE) - 1);
    TweakKeep keep = keep_of(place->path, "S", 1, 2);
    if (!tweak_keep(&keep, &kept, &fault)) {
        fail_msg("%s", fault.text);
    }
    assert_file(header, AFTER, sizeof(AFTER) - 1);
    assert_file(place->path, UNIT, sizeof(UNIT) - 1);
    keep.name = "NOBODY";
    assert_false(tweak_keep(&keep, &kept, &fault));
    assert_non_null(strstr(fault.text, "game.c does not declare NOBODY"));
}

static void keeps_a_sign_that_cannot_go(void **state)
{
    // Scenario: a comment between sign and number, and a value without the sign; then with it.
    // Expect: refused, for the comment would be lost; with the sign the number alone changes.
    Place *place = *state;
    static const char TEXT[] = "static float S = - /* down */ 2.f;\n";
    static const char AFTER[] = "static float S = - /* down */ 3.f;\n";
    TweakKept kept;
    Fault fault = {0};
    put_file(place->path, TEXT, sizeof(TEXT) - 1);
    TweakKeep keep = keep_of(place->path, "S", -2, 3);
    assert_false(tweak_keep(&keep, &kept, &fault));
    assert_non_null(strstr(fault.text, "by hand"));
    assert_file(place->path, TEXT, sizeof(TEXT) - 1);
    keep.value = real_value(-3, 4);
    assert_true(tweak_keep(&keep, &kept, &fault));
    assert_file(place->path, AFTER, sizeof(AFTER) - 1);
}

#define IN_PLACE(name) cmocka_unit_test_setup_teardown(name, open_place, close_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_plain_declarations),
        cmocka_unit_test(passes_by_what_is_no_code),
        cmocka_unit_test(knows_braces_of_branches),
        cmocka_unit_test(finds_tweaks_of_the_api),
        cmocka_unit_test(finds_statics_of_functions),
        cmocka_unit_test(refuses_what_is_no_literal),
        cmocka_unit_test(survives_any_text),
        cmocka_unit_test(writes_in_the_manner_of_what_stands_there),
        cmocka_unit_test(is_said_plainly),
        cmocka_unit_test(reads_as_the_compiler_does),
        cmocka_unit_test(reads_no_nonsense),
        cmocka_unit_test(floats_are_exact),
        IN_PLACE(keeps_everything_else),
        IN_PLACE(refuses_a_file_that_changed),
        IN_PLACE(writes_nothing_without_need),
        IN_PLACE(finds_it_in_a_header),
        IN_PLACE(keeps_a_sign_that_cannot_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
