#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "scan.h"
#include <cmocka.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static Arena arena;

static int open_arena(void **state)
{
    (void)state;
    return arena_open(&arena, 0, 1 << 28, NULL) ? 0 : -1;
}

static int close_arena(void **state)
{
    (void)state;
    arena_close(&arena);
    return 0;
}

// Without blanks, so that a case says what stays and on which line, and not in which column.
static void squeeze(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from != ' ' && *from != '\t') {
            *to++ = *from;
        }
    }
    *to = 0;
}

static const char *stripped(const char *source)
{
    const char *text;
    size_t size_bytes;
    if (!scan_strip(source, strlen(source), &arena, &text, &size_bytes)) {
        return "refused";
    }
    assert_int_equal(strlen(text), size_bytes);
    return text;
}

static void assert_strips(const char *source, const char *expected)
{
    char *is = arena_copy_text(&arena, stripped(source));
    char *wanted = arena_copy_text(&arena, expected);
    squeeze(is);
    squeeze(wanted);
    assert_string_equal(is, wanted);
}

static void test_cases(void **state)
{
    // Scenario: bodies with and without something that declares.
    // Expect: what declares stays, on its line; the rest is gone.
    static const char *const CASES[][2] = {
        {"int f(int a)\n{\n    return a;\n}\nint b;", "int f(int a)\n{\n\n}\nint b;"},
        {"void f(void) { static int n = 3, m; n++; }", "void f(void) { static int n, m; }"},
        {"void f(void) { static int a[] = {1, 2}; }", "void f(void) { static int a[] = {1, 2}; }"},
        {"void f(void) { static int (*a[])(int) = {g, h}; }",
         "void f(void) { static int (*a[])(int) = {g, h}; }"},
        {"void f(void) {\n if (1) {\n static int n;\n } { int k; } }",
         "void f(void) {\n {\n static int n;\n } }"},
        {"void f(void) { const struct S { int a; } s = {1}; g(s); }",
         "void f(void) { struct S { int a; }; }"},
        {"void f(void) { case 1: foo: static int n; }", "void f(void) { static int n; }"},
        {"void f(void) {\n#ifdef A\n g();\n#else\n static int n;\n#endif\n}",
         "void f(void) {\n#ifdef A\n\n#else\n static int n;\n#endif\n}"},
        {"struct S f(void) { return s; } int g;", "struct S f(void) { } int g;"},
        {"struct S s = {1}; enum E { A }; union U { int a; } u = {2};",
         "struct S s = {1}; enum E { A }; union U { int a; } u = {2};"},
        {"#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void) { g(); }\n#ifdef "
         "__cplusplus\n}\n#endif",
         "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void) { }\n#ifdef "
         "__cplusplus\n}\n#endif"},
        {"#ifdef A\nint f(int a)\n#else\nint f(long a)\n#endif\n{ g(); }",
         "#ifdef A\nint f(int a)\n#else\nint f(long a)\n#endif\n{ }"},
        {"#if 0\ndon't {\n#endif\nint f(void) { g(); }", "#if 0\ndon't {\n#endif\nint f(void) { }"},
        {"TEST(one) { g(); } HL_GAME(a, b, c)\nstatic void d(void) { g(); }",
         "TEST(one) { } HL_GAME(a, b, c)\nstatic void d(void) { }"},
        {"LONG(x) { int a; }; struct S f(struct P *p) { g(); } HL_GAME(a, b) int i(void) { g(); }",
         "LONG(x) { int a; }; struct S f(struct P *p) { } HL_GAME(a, b) int i(void) { }"},
        {"void f(void) { g(\"}\", '{'); // }\n /* } */ }", "void f(void) {\n }"},
        {"int f(void) __attribute__((noinline)) { g(); }",
         "int f(void) __attribute__((noinline)) { }"},
        {"struct PACKED T { int a; }; void f(void) { g(); }",
         "struct PACKED T { int a; }; void f(void) { }"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        print_message("%s\n", CASES[i][0]);
        assert_strips(CASES[i][0], CASES[i][1]);
    }
}

static void test_whole(void **state)
{
    // Scenario: bodies in which what declares depends on other lines, on macros, or on conditions
    // that do not keep to blocks.
    // Expect: they stay as they are.
    static const char *const CASES[] = {
        "void f(void) { int n[4]; static char c[sizeof n]; g(); }",
        "void f(void) { int n; static __typeof__(n) m; g(); }",
        "void f(void) { static char c[LENGTH(n)]; g(); }",
        "void f(void) { enum { LIST(X) }; g(); }",
        "void f(void) { for (struct S { int a; } s;;) { } }",
        "void f(void) { g(({ static int n; n; })); }",
        "void f(void) { struct { int a; } static s; g(); }",
        "void f(void) {\n#include \"table.h\"\n g(); }",
        "void f(void) {\n#ifdef A\nif (a) {\n#else\nif (b) {\n#endif\n g(); } }",
        "#ifdef A\nint f(int a) {\n#else\nint f(long a) {\n#endif\n g(); }",
        "typedef struct T ALIGNED(16) { int a; } T;",
        "struct T ALIGNED(16) { int a; };",
        "LONG(x) { int a; }; LONG(y) { int a, b; } v; BEGIN(z) { int a; } END(z)",
        "void f(void) { static int h(int a) { return a; } g(); }",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        print_message("%s\n", CASES[i]);
        assert_string_equal(stripped(CASES[i]), CASES[i]);
    }
}

static void test_refused(void **state)
{
    // Scenario: sources of which it cannot be told what is a body.
    // Expect: false, and no text.
    static const char *const CASES[] = {
        "int f(void) {", "}}", "#if 1\nint a;", "#endif", "int f(a) int a; { g(); }",
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        const char *text = "";
        size_t size_bytes = 1;
        print_message("%s\n", CASES[i]);
        assert_false(scan_strip(CASES[i], strlen(CASES[i]), &arena, &text, &size_bytes));
        assert_null(text);
        assert_int_equal(size_bytes, 0);
    }
}

static const char *read_all(FILE *file)
{
    enum { TEXT_MAX = 1 << 20 };
    char *text = ARENA_NEW(&arena, char, TEXT_MAX);
    text[fread(text, 1, TEXT_MAX - 1, file)] = 0;
    return text;
}

static const char *stripped_after(const char *before, const char *source)
{
    ScanParts parts;
    assert_true(scan_parts(before, strlen(before), &arena, &parts));
    ScanEdit edit;
    if (!scan_edit(source, strlen(source), "a.c", &parts, &arena, &edit)) {
        return "refused";
    }
    assert_null(edit.functions); // macros are not known
    assert_int_equal(strlen(edit.stripped), edit.stripped_bytes);
    return edit.stripped;
}

static void test_unchanged(void **state)
{
    // Scenario: a source, and one that was made of it.
    // Expect: bodies that are other ones now stay; numbers and texts that variables begin with may
    // be others, but no number that a macro gets, a size or an enumerator is, and no line of the
    // preprocessor.
#define TWO "int f(void) { return 1; }\nint g(void) { return 2; }\n"
    static const struct {
        const char *before, *source, *expected;
    } CASES[] = {
        {TWO, TWO, "int f(void) { }\nint g(void) { }\n"},
        {TWO, "int f(void) { return 1; }\nint g(void) { return 3; }\n",
         "int f(void) { }\nint g(void) { return 3; }\n"},
        {TWO, "int f(void) { return 2; }\nint g(void) { return 1; }\n",
         "int f(void) { return 2; }\nint g(void) { return 1; }\n"},
        {TWO, "int f(void) { }\nint g(void) { return 2; }\n", "refused"}, // may be a type's
        {TWO, "int f(void) {\n\n return 1; }\nint g(void) { return 2; }\n",
         "int f(void) {\n\n return 1; }\nint g(void) { }\n"},
        {TWO, "int f(void) { return 1; }\nint g(int x) { return 2; }\n", "refused"},
        {TWO, "int f(void) { return 1; }\n", "refused"},
        {TWO, "int g(void) { return 2; }\nint f(void) { return 1; }\n", "refused"},
        {TWO, "int f(void) {\n#define X\nreturn 1; }\nint g(void) { return 2; }\n", "refused"},
        {"void f(void) {\n#define X 1\ng(X); }", "void f(void) {\n#define X 2\ng(X); }", "refused"},
        {"void f(void) {\n#define X 1\ng(X); }", "void f(void) {\n#define X 1\nh(X); }", "refused"},
        {"float v = 3.5f; void f(void) { g(); }", "float v = 4.25f; void f(void) { g(); }",
         "float v = 4.25f; void f(void) { }"},
        {"int t[] = {1, 2}; char *s = \"a\";", "int t[] = {3, -4}; char *s = \"b\";",
         "refused"}, // a sign more
        {"int t[] = {1, 2}; char *s = \"a\";", "int t[] = {3, 4}; char *s = \"b\";",
         "int t[] = {3, 4}; char *s = \"b\";"},
        {"int t[] = {M(1)};", "int t[] = {M(2)};", "refused"},
        {"int v = M(1);", "int v = M(2);", "refused"},
        {"int t[4] = {0};", "int t[5] = {0};", "refused"},
        {"enum { A = 1 };", "enum { A = 2 };", "refused"},
        {"int v = 1, w[2];", "int v = 1, w[3];", "refused"},
        {"struct S { int a : 3; };", "struct S { int a : 4; };", "refused"},
        {"M(V, 1, 2)", "M(V, 1, 3)", "refused"},
        {"#define V 1\nint v;", "#define V 2\nint v;", "refused"},
    };
#undef TWO
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char *is = arena_copy_text(&arena, stripped_after(CASES[i].before, CASES[i].source));
        char *wanted = arena_copy_text(&arena, CASES[i].expected);
        squeeze(is);
        squeeze(wanted);
        print_message("%zu\n", i);
        assert_string_equal(is, wanted);
    }
}

static void test_functions_as_written(void **state)
{
    // Scenario: a source, one that was made of it, and the macros that there are at its end.
    // Expect: the functions and variables that are other ones now, with all that makes them so;
    // nothing where a macro is in one of them, or a name that the language may do anything with, or
    // where one may have gone away, or where the text has another word outside of them.
    static const char MACROS[] = "#define MAX(a,b) ((a)>(b)?(a):(b))\n#define NONE \n"
                                 "#define ONE 1\n#define inline __inline\n";
#define F "static int f(void)\n{ return 1; }\n"
    static const struct {
        const char *before, *source, *expected;
    } CASES[] = {
        {F "int g;", F "int g;", ""},
        {F "int g;", "static int f(void)\n{ return 2; }\nint g;",
         "# 1 \"a.c\"\nstatic int f(void)\n{ return 2; }"},
        {"int g;\n" F, "int g;\nstatic int f(void)\n{\n\nreturn 2;\n}\n",
         "# 2 \"a.c\"\nstatic int f(void)\n{\n\nreturn 2;\n}"},
        {F, "static int f(void)\n{ return ONE; }\n", "none"},
        {F, "static int f(void)\n{ return MAX(1, 2); }\n", "none"},
        {F, "static int f(void)\n{ return __LINE__; }\n", "none"},
        {F, "static int f(void)\n{ static int n; return n; }\n", "none"},
        {"static inline int f(void)\n{ return 1; }\n", "static inline int f(void)\n{ return 2; }\n",
         "none"},
        {F "#undef X\n", "static int f(void)\n{ return 2; }\n#undef X\n", "none"},
        {F "#include <a.h>\n", "static int f(void)\n{ return 2; }\n#include <a.h>\n", "none"},
        {"#undef X\n" F, "#undef X\nstatic int f(void)\n{ return 2; }\n",
         "# 2 \"a.c\"\nstatic int f(void)\n{ return 2; }"},
        {"static const float v = 1.5f;\n", "static const float v = 2.5f;\n",
         "# 1 \"a.c\"\nstatic const float v = 2.5f;"},
        {"static const float v = 1.5f * ONE;\n", "static const float v = 2.5f * ONE;\n", "none"},
        {"float v = V * 1.5f;\n#undef V\nint f(void) { return 1; }\n",
         "float v = V * 2.5f;\n#undef V\nint f(void) { return 1; }\n", "none"},
        {"int t[2] = {1, 2};\n", "int t[2] = {1, 3};\n", "# 1 \"a.c\"\nint t[2] = {1, 3};"},
        {"int t[] = {1, 2};\n", "int t[] = {1, 3};\n", "none"},
        {"typedef char T[];\nT t = \"a\";\n", "typedef char T[];\nT t = \"ab\";\n", "none"},
        {"char *t = \"a\";\n", "char *t = \"ab\";\n", "# 1 \"a.c\"\nchar *t = \"ab\";"},
        {"int n = sizeof(struct S { unsigned a : 3; });\n",
         "int n = sizeof(struct S { unsigned a : 4; });\n", "none"},
        {"int n = (enum M { A, B = 5 })0;\n", "int n = (enum M { A, B = 6 })0;\n", "none"},
        {"int f(void) { static const char t[] = \"a b\"; return t[1]; }\n",
         "int f(void) { static const char t[] = \"a  b\"; return t[1]; }\n", "none"},
        {"int f(void) {\nstatic int a; // x\nstatic int b;\nreturn a; }\n",
         "int f(void) {\nstatic int a; // x static int b;\nreturn a; }\n", "none"},
        {"int f(void) {\nstatic int // was\nunsigned\na;\nreturn 1; }\n",
         "int f(void) {\nstatic int // was unsigned\na;\nreturn 1; }\n", "none"},
        {"int f(void) { return 1; }\n", "int f(void) { return O\\\nNE; }\n", "none"},
        {"char t[] = \"a\";\n", "char t[] = \"ab\";\n", "none"},
    };
#undef F
    (void)state;
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        ScanParts parts;
        ScanEdit edit;
        print_message("%zu\n", i);
        assert_true(scan_parts(CASES[i].before, strlen(CASES[i].before), &arena, &parts));
        scan_macros(MACROS, &arena, &parts);
        parts.moves = true;
        assert_true(
            scan_edit(CASES[i].source, strlen(CASES[i].source), "a.c", &parts, &arena, &edit));
        char *is = arena_copy_text(&arena, edit.functions ? edit.functions : "none");
        is += strspn(is, "\n");
        is[strlen(is) - (*is && is[strlen(is) - 1] == '\n')] = 0;
        assert_string_equal(is, CASES[i].expected);
    }
}

static void test_lines_count(void **state)
{
    // Scenario: a body with a line more, in a source of which it is not known that it may move.
    // Expect: it has to be preprocessed.
    static const char BEFORE[] = "int f(void) { return 1; }\n",
                      AFTER[] = "int f(void) {\nreturn 2; }\n";
    ScanParts parts;
    ScanEdit edit;
    (void)state;
    assert_true(scan_parts(BEFORE, strlen(BEFORE), &arena, &parts));
    scan_macros("", &arena, &parts);
    assert_true(scan_edit(AFTER, strlen(AFTER), "a.c", &parts, &arena, &edit));
    assert_null(edit.functions);
    parts.moves = true;
    assert_true(scan_edit(AFTER, strlen(AFTER), "a.c", &parts, &arena, &edit));
    assert_non_null(edit.functions);
}

// Names and sizes of an object's variables, wherever they are: compiled with `source` as the text
// of `path`. The numbers that gcc gives to static ones of functions are left out.
static const char *variables_of(const char *path, const char *source)
{
    char folder[] = "/tmp/hl-strip-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *from = arena_format(&arena, "%s/a.c", folder);
    FILE *file = fopen(from, "w");
    assert_non_null(file);
    fputs(source, file);
    fclose(file);
    char *slash = strrchr(arena_copy_text(&arena, path), '/');
    FILE *nm =
        popen(arena_format(&arena,
                           "cc -std=gnu11 -w -g -O0 -c -I%s/engine/api -iquote %.*s %s -o %s/a.o "
                           "&& nm -S %s/a.o | grep -i ' [bdr] ' | grep -v 'PRETTY\\|__func__' "
                           "| sed 's/^[0-9a-f]* //; s/ . / /; s/\\.[0-9]*$//' | sort",
                           TEST_SOURCE_DIR, (int)(strlen(path) - strlen(slash)), path, from, folder,
                           folder),
              "r");
    assert_non_null(nm);
    const char *text = read_all(nm);
    assert_int_equal(pclose(nm), 0);
    unlink(from);
    unlink(arena_format(&arena, "%s/a.o", folder));
    assert_int_equal(rmdir(folder), 0);
    return text;
}

static void test_games(void **state)
{
    // Scenario: the sources of the sample games, stripped, are compiled like the sources.
    // Expect: the same variables with the same sizes; the functions are empty.
    glob_t found;
    size_t bytes = 0, left_bytes = 0;
    (void)state;
    assert_int_equal(glob(TEST_SOURCE_DIR "/game/*/*.c", 0, NULL, &found), 0);
    assert_true(found.gl_pathc > 5);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        FILE *file = fopen(found.gl_pathv[i], "r");
        assert_non_null(file);
        const char *source = read_all(file), *text = stripped(source);
        fclose(file);
        print_message("%s\n", found.gl_pathv[i]);
        assert_string_not_equal(text, "refused");
        assert_string_equal(variables_of(found.gl_pathv[i], text),
                            variables_of(found.gl_pathv[i], source));
        bytes += strlen(source);
        left_bytes += strlen(text);
        arena_reset(&arena, 0);
    }
    assert_true(left_bytes < bytes / 2);
    globfree(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_cases, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_whole, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_refused, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_unchanged, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_functions_as_written, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_lines_count, open_arena, close_arena),
        cmocka_unit_test_setup_teardown(test_games, open_arena, close_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
