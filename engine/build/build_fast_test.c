#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build.h"
#include "file_testing.h"

// A game of two units, as a session builds it: in full, and then fast and in full for each save.
typedef struct Place {
    char folder[256], path[4096];
    const char *old_path;
    Build *build;
    BuildReport fast, full;
} Place;

static const char *in_place(const Place *place, const char *name)
{
    return folder_path(place->folder, name);
}

static void write_text(const Place *place, const char *name, const char *text)
{
    folder_write(in_place(place, name), text, strlen(text));
}

#define HEAD                                                                                       \
    "#define SHOWN __attribute__((visibility(\"default\")))\n"                                     \
    "typedef struct Pair { int left, right; } Pair;\n"                                             \
    "int half(Pair pair);\n"
#define ONE(BODY)                                                                                  \
    "#include \"pair.h\"\n"                                                                        \
    "SHOWN int hotloop_game(void);\n"                                                              \
    "static int calls;\n"                                                                          \
    "int hotloop_game(void) { static Pair kept = {3, 4}; kept.left++; " BODY "}\n"
#define TWO(BODY)                                                                                  \
    "#include \"pair.h\"\n"                                                                        \
    "int half(Pair pair) { " BODY "}\n"

static void open_build(Place *place, BuildTiers tiers, const char *flags)
{
    Fault fault;
    char game[FILE_PATH_MAX], work[FILE_PATH_MAX];
    (void)text_format(game, sizeof(game), "%s", in_place(place, "game"));
    (void)text_format(work, sizeof(work), "%s", in_place(place, "work"));
    build_close(place->build);
    BuildConfig config = {.game_folder = game,
                          .api_folder = TEST_SOURCE_DIR "/engine/api",
                          .work_folder = work,
                          .compiler = "gcc",
                          .flags = flags,
                          .tiers = tiers};
    place->build = build_open(&config, &fault);
    assert_non_null(place->build);
}

static void run_full(Place *place)
{
    assert_true(build_run(place->build, -1, &place->full));
    if (!place->full.ok) {
        print_message("%s: %s\n", place->full.diagnostics[0].file, place->full.diagnostics[0].text);
    }
    assert_true(place->full.ok);
    assert_false(place->full.is_fast);
}

static void run_fast(Place *place)
{
    assert_true(build_run_fast(place->build, -1, &place->fast));
    assert_int_equal(place->fast.diagnostic_count, 0); // those are the full compiler's to tell
    assert_int_equal(place->fast.error_count + place->fast.warning_count, 0);
}

static void run_fast_ok(Place *place)
{
    run_fast(place);
    if (!place->fast.ok) {
        print_message("no fast build: %s %s\n", place->fast.fast.why_not,
                      place->fast.fast.files[0].why);
    }
    assert_true(place->fast.ok);
    assert_true(place->fast.is_fast);
}

static int setup(void **state)
{
    Place *place = test_calloc(1, sizeof(Place));
    (void)text_format(place->folder, sizeof(place->folder), "/tmp/build_fast_test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_int_equal(mkdir(in_place(place, "game"), 0755), 0);
    write_text(place, "game/pair.h", HEAD);
    write_text(place, "game/one.c", ONE("calls++; return half(kept) + calls;"));
    write_text(place, "game/two.c", TWO("return (pair.left + pair.right) / 2;"));
    place->old_path = getenv("PATH");
    (void)text_format(place->path, sizeof(place->path), "%s", place->old_path);
    open_build(place, BUILD_TIERS_BOTH, NULL);
    run_full(place);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    Place *place = *state;
    build_close(place->build);
    assert_int_equal(setenv("PATH", place->path, 1), 0);
    int result = folder_remove(place->folder);
    test_free(place);
    return result;
}

// What hotloop_game(), the one name that a fast library shows, gives the first time.
static int number_in(const char *library)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        print_message("%s\n", dlerror());
    }
    assert_non_null(handle);
    union {
        void *address;
        int (*call)(void);
    } number = {.address = dlsym(handle, "hotloop_game")};
    assert_non_null(number.address);
    int value = number.call();
    dlclose(handle);
    return value;
}

static size_t section_bytes(const char *library, const char *name)
{
    size_t bytes = 0, names;
    int fd = open(library, O_RDONLY | O_CLOEXEC);
    (void)elf_version(EV_CURRENT);
    Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
    assert_non_null(elf);
    assert_int_equal(elf_getshdrstrndx(elf, &names), 0);
    for (Elf_Scn *at = elf_nextscn(elf, NULL); at; at = elf_nextscn(elf, at)) {
        GElf_Shdr head;
        assert_non_null(gelf_getshdr(at, &head));
        if (strcmp(elf_strptr(elf, names, head.sh_name), name) == 0) {
            bytes = head.sh_size;
        }
    }
    elf_end(elf);
    close(fd);
    return bytes;
}

static void test_inside_of_a_function(void **state)
{
    // Scenario: the inside of a function of one of two units is edited.
    // Expect: a fast library with the new code, made of one unit of tcc's and one of gcc's, which
    // carries its types; the full build behind it is of the same sources, and another library.
    Place *place = *state;
    uint64_t before = place->full.sources;
    assert_int_equal(number_in(place->full.library_path), 5);
    write_text(place, "game/one.c", ONE("calls++; return half(kept) + calls + 100;"));
    run_fast_ok(place);
    assert_int_equal(place->fast.fast.fast, 1);
    assert_int_equal(place->fast.fast.slow, 0);
    assert_non_null(strstr(place->fast.fast.files[0].file, "game/one.c"));
    assert_int_equal(number_in(place->fast.library_path), 105);
    assert_true(section_bytes(place->fast.library_path, ".hotloop_types") > 0);
    run_full(place);
    assert_int_equal(number_in(place->full.library_path), 105);
    assert_int_equal(section_bytes(place->full.library_path, ".hotloop_types"), 0);
    assert_true(place->fast.sources != 0);
    assert_true(place->fast.sources == place->full.sources);
    assert_true(place->fast.sources != before);
    assert_true(place->fast.content != place->full.content);
}

static void test_nothing_to_do(void **state)
{
    // Scenario: nothing has changed; then an edit is undone, whose full build is still there.
    // Expect: no fast build either time, and no reason: there is nothing that it could be faster
    // than.
    Place *place = *state;
    run_fast(place);
    assert_false(place->fast.ok);
    assert_string_equal(place->fast.fast.why_not, "");
    write_text(place, "game/one.c", ONE("return 1;"));
    run_full(place);
    write_text(place, "game/one.c", ONE("calls++; return half(kept) + calls;"));
    run_fast(place);
    assert_false(place->fast.ok);
    assert_string_equal(place->fast.fast.why_not, "");
    run_full(place);
    assert_int_equal(place->full.units_compiled, 0);
}

// hotloop_game's unit with a function beside it, whose inside is `BESIDE`.
#define PARTS(BESIDE, BODY)                                                                        \
    "#include \"pair.h\"\n"                                                                        \
    "#define ZEROS(x) __builtin_clz(x)\n"                                                          \
    "SHOWN int hotloop_game(void);\n"                                                              \
    "static const int TABLE[] = {1, 2, 3};\n"                                                      \
    "static const float LIMIT = 2.5f;\n"                                                           \
    "static int beside(int x) { static int seen; seen++; " BESIDE "}\n"                            \
    "int hotloop_game(void) { static Pair kept = {3, 4}; kept.left++; " BODY "}\n"

typedef enum Reads { ALL, PART, AS_WRITTEN } Reads;

static void test_an_edit_is_read_in_part(void **state)
{
    // Scenario: behind a full build and a rest, one save that changes what the case says; and again
    // without any rest, where nothing is known yet.
    // Expect: only where all around the functions is as it was, a part is read, and only where no
    // macro is in it, without the preprocessor; either way the same is said and made, with the
    // types of what is declared now.
    static const struct {
        const char *text, *why; // why there is no fast build; NULL: there is one
        int number;
        Reads reads;
    } CASES[] = {
        {PARTS("return x;", "return half(kept) + beside(2);"), NULL, 6, AS_WRITTEN},
        {PARTS("return x + 1;", "\n\nreturn half(kept)\n+ beside(1);"), NULL, 6, AS_WRITTEN},
        {PARTS("static int more = 7; return x + more;", "return beside(1);"), NULL, 8, PART},
        {PARTS("return x;", "return ZEROS(1) + beside(1);"), "__builtin_clz", 0, PART},
        {PARTS("return x;", "return __LINE__ > 0 ? beside(1) : 2;"), NULL, 1, PART},
        {PARTS("long double y = x; return (int)y;", "return beside(1);"), "long double", 0,
         AS_WRITTEN},
        {PARTS("return x;", "return half(kept) + unknown;"), "unknown", 0, AS_WRITTEN},
        {PARTS("\n#define TWICE(y) (2 * (y))\nreturn TWICE(x);", "return beside(4);"), NULL, 8,
         ALL},
        {"typedef short Number;\n" PARTS("return x;", "return beside((Number)3);"), NULL, 3, ALL},
    };
    Place *place = *state;
    for (size_t i = 0; i < 2 * COUNT_OF(CASES); i++) {
        size_t at = i / 2;
        Reads reads = i % 2 == 0 ? CASES[at].reads : ALL;
        print_message("case %zu, %s\n", at, i % 2 == 0 ? "rested" : "at once");
        open_build(place, BUILD_TIERS_BOTH, NULL);
        write_text(place, "game/one.c", PARTS("return x;", "return half(kept) + beside(1);"));
        run_full(place);
        if (i % 2 == 0) {
            assert_true(build_rest(place->build, -1));
        }
        write_text(place, "game/one.c", CASES[at].text);
        if (CASES[at].why) {
            run_fast(place);
            assert_false(place->fast.ok);
            assert_non_null(strstr(place->fast.fast.files[0].why, CASES[at].why));
        } else {
            run_fast_ok(place);
            assert_int_equal(number_in(place->fast.library_path), CASES[at].number);
            assert_true(section_bytes(place->fast.library_path, ".hotloop_types") > 0);
        }
        assert_int_equal(place->fast.fast.parts, reads != ALL);
        assert_int_equal(place->fast.fast.as_written, reads == AS_WRITTEN);
    }
}

static void test_a_value_is_read_as_written(void **state)
{
    // Scenario: behind a rest, the number that a variable begins with is another one: that of a
    // scalar, that of an array whose size is how many there are, and one that tcc rounds wrongly.
    // Expect: the first is read as it stands there, the second by the preprocessor; the third is
    // found.
    static const struct {
        const char *from, *to, *why;
        Reads reads;
    } CASES[] = {{"2.5f", "3.25f", NULL, AS_WRITTEN},
                 {"{1, 2, 3}", "{1, 2, 9}", NULL, PART},
                 {"2.5f", "(float)(1e16 + 2.9999)", "", ALL},
                 {"2.5f", "2.5e0f", NULL, AS_WRITTEN}};
    Place *place = *state;
    const char *text = PARTS("return x;", "return (int)(LIMIT * 4) + TABLE[2] + beside(1);");
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        char edited[2048];
        const char *at = strstr(text, CASES[i].from);
        print_message("case %zu\n", i);
        open_build(place, BUILD_TIERS_BOTH, NULL);
        write_text(place, "game/one.c", text);
        run_full(place);
        assert_true(build_rest(place->build, -1));
        (void)text_format(edited, sizeof(edited), "%.*s%s%s", (int)(at - text), text, CASES[i].to,
                          at + strlen(CASES[i].from));
        write_text(place, "game/one.c", edited);
        run_fast(place);
        assert_int_equal(place->fast.ok, CASES[i].why == NULL);
        assert_int_equal(place->fast.fast.parts, CASES[i].reads != ALL);
        assert_int_equal(place->fast.fast.as_written, CASES[i].reads == AS_WRITTEN);
        if (place->fast.ok) {
            run_full(place);
            assert_int_equal(number_in(place->fast.library_path),
                             number_in(place->full.library_path));
        }
    }
}

static void test_a_struct_changes(void **state)
{
    // Scenario: a struct in the header of both units gets a field, in front.
    // Expect: a fast build of both, whose types are those of the new header.
    Place *place = *state;
    write_text(place, "game/pair.h",
               "#define SHOWN __attribute__((visibility(\"default\")))\n"
               "typedef struct Pair { int first, left, right; } Pair;\n"
               "int half(Pair pair);\n");
    run_fast_ok(place);
    assert_int_equal(place->fast.fast.fast, 2);
    assert_int_equal(number_in(place->fast.library_path), (4 + 0) / 2 + 1); // kept is {3 + 0, 4, 0}
    assert_true(section_bytes(place->fast.library_path, ".hotloop_types") > 0);
    run_full(place);
    assert_int_equal(number_in(place->full.library_path), number_in(place->fast.library_path));
}

static void test_a_mistake(void **state)
{
    // Scenario: a unit does not compile; then it takes a text for a number, and then it returns
    // nothing, both of which tcc takes with a warning.
    // Expect: no fast build, no word about it, and the full compiler tells.
    static const char *const WRONG[] = {
        ONE("return half(kept"), ONE("int wrong = \"text\"; return wrong;"), ONE("calls++;")};
    Place *place = *state;
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        write_text(place, "game/one.c", WRONG[i]);
        run_fast(place);
        assert_false(place->fast.ok);
    }
    assert_true(build_run(place->build, -1, &place->full));
    assert_false(place->full.ok);
    assert_non_null(strstr(place->full.diagnostics[0].text, "non-void"));
}

static void test_what_is_not_for_tcc(void **state)
{
    // Scenario: both units are edited; one has a thread-local variable, which tcc has not.
    // Expect: the fast build is of one by tcc and one by gcc, and says why; with that one alone
    // edited there is no fast build.
    Place *place = *state;
    write_text(place, "game/one.c",
               "#include \"pair.h\"\nSHOWN int hotloop_game(void);\n"
               "static _Thread_local int calls = 6;\n"
               "int hotloop_game(void) { Pair pair = {calls, 4}; return half(pair); }\n");
    run_fast(place);
    assert_false(place->fast.ok);
    assert_int_equal(place->fast.fast.slow, 1);
    assert_non_null(strstr(place->fast.fast.files[0].why, "_Thread_local"));
    write_text(place, "game/two.c", TWO("return pair.left * pair.right;"));
    run_fast_ok(place);
    assert_int_equal(place->fast.fast.fast, 1);
    assert_int_equal(place->fast.fast.slow, 1);
    assert_true(place->fast.fast.files[0].is_slow);
    assert_false(place->fast.fast.files[1].is_slow);
    assert_int_equal(number_in(place->fast.library_path), 24);
    run_full(place);
    assert_int_equal(place->full.units_compiled, 1); // the other one is done
}

static void test_who_asks_for_the_compiler(void **state)
{
    // Scenario: a header of the game's asks whether the compiler is gcc, and one unit includes it;
    // both are edited. Another header asks, too, which nobody includes.
    // Expect: that unit goes to gcc, which the question was about; the other one does not.
    Place *place = *state;
    write_text(place, "game/unused.h", "#ifdef __GNUC__\n#endif\n");
    write_text(place, "game/asks.h",
               "#ifdef __GNUC__\nenum { ASKED = 1 };\n#else\nenum { ASKED = 2 };\n#endif\n");
    write_text(place, "game/one.c", "#include \"asks.h\"\n" ONE("return half(kept) + ASKED;"));
    write_text(place, "game/two.c", TWO("return pair.left * pair.right;"));
    run_fast_ok(place);
    assert_true(place->fast.fast.files[0].is_slow);
    assert_non_null(strstr(place->fast.fast.files[0].why, "asks.h:1: __GNUC__"));
    assert_false(place->fast.fast.files[1].is_slow);
    assert_int_equal(number_in(place->fast.library_path), 16 + 1);
}

static void test_no_tcc(void **state)
{
    // Scenario: tcc is not along PATH; the game is compiled for a machine of its own; the game
    // wants the full compiler alone.
    // Expect: no fast build, and why; the full one is as ever.
    Place *place = *state;
    char tools[FILE_PATH_MAX];
    static const char *const NAMES[] = {"gcc", "ld", "as"};
    (void)text_format(tools, sizeof(tools), "%s", in_place(place, "tools"));
    assert_int_equal(mkdir(tools, 0755), 0);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        char from[FILE_PATH_MAX], to[FILE_PATH_MAX];
        assert_true(file_join(from, "/usr/bin", NAMES[i]) && file_join(to, tools, NAMES[i]));
        assert_int_equal(symlink(from, to), 0);
    }
    assert_int_equal(setenv("PATH", tools, 1), 0);
    open_build(place, BUILD_TIERS_BOTH, NULL);
    write_text(place, "game/one.c", ONE("return 11;"));
    run_fast(place);
    assert_false(place->fast.ok);
    assert_non_null(strstr(place->fast.fast.why_not, "apt install tcc"));
    run_full(place);
    assert_int_equal(number_in(place->full.library_path), 11);

    assert_int_equal(setenv("PATH", place->path, 1), 0);
    open_build(place, BUILD_TIERS_BOTH, "-mavx2 -O2");
    run_full(place);
    write_text(place, "game/one.c", ONE("return 12;"));
    run_fast(place);
    assert_false(place->fast.ok);
    assert_non_null(strstr(place->fast.fast.why_not, "-mavx2"));

    open_build(place, BUILD_TIERS_FULL, NULL);
    run_fast(place);
    assert_false(place->fast.ok);
}

static void test_settings(void **state)
{
    // Scenario: macros and include folders from the command line and from hotloop.conf, and flags
    // that mean nothing to tcc.
    // Expect: tcc sees the macros; the rest does not stand in its way.
    Place *place = *state;
    write_text(place, "game/hotloop.conf", "define = MORE=7\ncflags = -O2 -Wpedantic\n");
    assert_int_equal(mkdir(in_place(place, "beside"), 0755), 0);
    write_text(place, "beside/beside.h", "enum { BESIDE = 1000 };\n");
    char flags[FILE_PATH_MAX];
    (void)text_format(flags, sizeof(flags), "-DEVEN_MORE=20 -I%s -fno-strict-aliasing",
                      in_place(place, "beside"));
    open_build(place, BUILD_TIERS_BOTH, flags);
    run_full(place);
    write_text(place, "game/one.c",
               "#include <beside.h>\n" ONE("return MORE + EVEN_MORE + BESIDE;"));
    run_fast_ok(place);
    assert_int_equal(number_in(place->fast.library_path), 1027);
    run_full(place);
    // The header from elsewhere is known now, and what is in it counts.
    write_text(place, "beside/beside.h", "enum { BESIDE = 2000 };\n");
    run_fast_ok(place);
    assert_int_equal(number_in(place->fast.library_path), 2027);
    run_full(place);
    assert_true(place->fast.sources == place->full.sources);
}

static void test_distrust(void **state)
{
    // Scenario: the two compilers disagreed about a file; it is compiled again because of its
    // header, then edited.
    // Expect: it goes to gcc, with the reason, until it is another text.
    Place *place = *state;
    char file[FILE_PATH_MAX];
    (void)text_format(file, sizeof(file), "%s", in_place(place, "game/two.c"));
    build_distrust(place->build, file, "Pair.left was 1, is 2");
    write_text(place, "game/pair.h", HEAD "enum { NEW };\n");
    run_fast_ok(place);
    assert_int_equal(place->fast.fast.slow, 1);
    assert_true(place->fast.fast.files[1].is_slow);
    assert_string_equal(place->fast.fast.files[1].why, "Pair.left was 1, is 2");
    run_full(place);
    write_text(place, "game/two.c", TWO("return 5;"));
    run_fast_ok(place);
    assert_int_equal(place->fast.fast.slow, 0);
}

static void test_cancelled(void **state)
{
    // Scenario: there is a newer save already.
    // Expect: the fast build is dropped, nothing is left behind, and the next one comes through.
    Place *place = *state;
    int fd = eventfd(1, EFD_CLOEXEC);
    write_text(place, "game/one.c", ONE("return 8;"));
    assert_false(build_run_fast(place->build, fd, &place->fast));
    close(fd);
    run_fast_ok(place);
    assert_int_equal(number_in(place->fast.library_path), 8);
}

static void test_order_of_arguments(void **state)
{
    // Scenario: two calls in one argument list advance the same random state, in different units
    // from the call.
    // Expect: the full build warns of it, with file and line; again when it is reused.
    Place *place = *state;
    write_text(place, "game/pair.h", HEAD "int dice(void);\nint both(int a, int b);\n");
    write_text(place, "game/two.c",
               "#include \"pair.h\"\nstatic unsigned seed = 1;\n"
               "int dice(void) { seed = seed * 1103515245u + 12345u; return (int)(seed >> 16); }\n"
               "int both(int a, int b) { return a - b; }\n"
               "int half(Pair pair) { return pair.left / 2; }\n");
    write_text(place, "game/one.c", ONE("\ncalls++;\nreturn both(dice(), 2 * dice()) + calls;"));
    for (int i = 0; i < 2; i++) {
        run_full(place);
        assert_int_equal(place->full.warning_count, 1);
        assert_non_null(strstr(place->full.diagnostics[0].file, "game/one.c"));
        assert_int_equal(place->full.diagnostics[0].line, 6);
        assert_non_null(strstr(place->full.diagnostics[0].text, "dice"));
        assert_non_null(strstr(place->full.diagnostics[0].source_line, "both(dice()"));
    }
}

static void test_while_typing(void **state)
{
    // Scenario: forty saves of both units, one after the other, without a full build in between.
    // Expect: each is a fast build of what changed since the last full one, with the new code.
    Place *place = *state;
    for (int i = 1; i <= 40; i++) {
        char text[512];
        (void)text_format(text, sizeof(text), ONE("return half(kept) * 1000 + %d;"), i);
        write_text(place, "game/one.c", text);
        (void)text_format(text, sizeof(text), TWO("return %d + pair.left - 4;"), i);
        write_text(place, "game/two.c", i % 2 ? TWO("return pair.left - 4;") : text);
        run_fast_ok(place);
        assert_int_equal(place->fast.fast.fast, 2);
        assert_int_equal(number_in(place->fast.library_path), (i % 2 ? 0 : i) * 1000 + i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_inside_of_a_function, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nothing_to_do, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_edit_is_read_in_part, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_value_is_read_as_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_struct_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_mistake, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_not_for_tcc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_who_asks_for_the_compiler, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_tcc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_distrust, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancelled, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_of_arguments, setup, teardown),
        cmocka_unit_test_setup_teardown(test_while_typing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
