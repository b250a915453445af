#include <glob.h>

#include "refit_testing.h"

// What becomes of an object besides its debug information: symbols, sections, real games that link
// and load, files taken along, and what is damaged.
//
// Contents: symbols and sections, real games, wrap, damage.

// -------------------------------------------------------------------------- symbols and sections

static void test_symbols_are_like_gccs(void **state)
{
    // Scenario: a unit with a static function and global ones.
    // Expect: the file symbol is the source's base name; what is global comes behind what is local
    // and is hidden, but for hotloop_game.
    Place place;
    Sections sections;
    GElf_Shdr head;
    GElf_Sym symbol;
    int number;
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_sections(&sections, path_in(&place, "one.o"));
    assert_true(find_symbol(&sections, "one.c", &symbol, &number));
    assert_int_equal(GELF_ST_TYPE(symbol.st_info), STT_FILE);
    assert_int_equal(number, 1);
    assert_non_null(find_section(&sections, ".symtab", &head));
    assert_true(find_symbol(&sections, "count", &symbol, &number));
    assert_true(number < (int)head.sh_info);
    assert_true(find_symbol(&sections, "shown", &symbol, &number));
    assert_true(number >= (int)head.sh_info);
    assert_int_equal(GELF_ST_VISIBILITY(symbol.st_other), STV_HIDDEN);
    assert_true(find_symbol(&sections, "hotloop_game", &symbol, &number));
    assert_int_equal(GELF_ST_VISIBILITY(symbol.st_other), STV_DEFAULT);
    close_sections(&sections);
    drop_place(&place);
}

static void test_stabs_go_and_the_stack_stays_safe(void **state)
{
    // Scenario: an object of tcc's.
    // Expect: no stabs any more, and a note that its stack is not to be executed.
    Place place;
    Sections sections;
    GElf_Shdr head;
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    open_sections(&sections, path_in(&place, "one.o"));
    assert_null(find_section(&sections, ".stab", &head));
    assert_null(find_section(&sections, ".rela.stab", &head));
    assert_non_null(find_section(&sections, ".note.GNU-stack", &head));
    assert_int_equal(head.sh_flags, 0);
    close_sections(&sections);
    drop_place(&place);
}

static const char NAMED[] = "#include \"hotloop.h\"\n"
                            "HL_TWEAK(SPEED, 220, 0, 500);\n"
                            "HL_WAS(hl_tweak, name, old);\n"
                            "static int mine __attribute__((section(\"own_data\"))) = 4;\n"
                            "__attribute__((section(\"hot_code\"))) int NAME(int by)\n"
                            "{\n"
                            "    return mine += by + (int)SPEED;\n"
                            "}\n"
                            "__attribute__((constructor)) static void start(void)\n"
                            "{\n"
                            "    mine += 100;\n"
                            "}\n";
static const char BOTH[] = "extern int one(int), two(int);\n"
                           "__attribute__((visibility(\"default\"))) int (*hotloop_game[])(int)\n"
                           "    = {one, two};\n";

// one.o of tcc's and two.o of gcc's, of the same text.
static void make_both(const Place *place)
{
    write_cdefs(place);
    write_source(place, "one.c", NAMED);
    write_source(place, "both.c", BOTH);
    assert_true(RUN(place, "tcc", "-Ikeep", API_FLAG, "-DNAME=one", "-g", "-c", "one.c", "-o",
                    "one.tcc.o"));
    assert_true(refit_in(place, "one.tcc.o", "one.c", "one.o", &(Fault){0}));
    assert_true(RUN(place, "gcc", "-O2", "-g", "-fPIC", "-fvisibility=hidden", API_FLAG,
                    "-DNAME=two", "-c", "one.c", "-o", "two.o"));
    assert_true(RUN(place, "gcc", "-g", "-fPIC", "-c", "both.c", "-o", "both.o"));
}

static void test_named_sections_go_with_gccs(void **state)
{
    // Scenario: tweaks, renames, a variable, a function in sections of their own, a constructor;
    // from tcc and from gcc, linked in both orders, unused sections dropped, text relocations
    // forbidden.
    // Expect: ld says nothing, each section is there once with the entries of both, the functions
    // run, their variables can be written, constructors did run.
    Place place;
    (void)state;

    make_place(&place);
    make_both(&place);
    for (int order = 0; order < 2; order++) {
        Sections sections;
        GElf_Shdr head;
        Reading reading;
        int (**both)(int);
        assert_true(RUN(&place, "ld", "-shared", "-Bsymbolic", "-z", "text", "--gc-sections",
                        "--fatal-warnings", "-o", "lib.so", order ? "two.o" : "one.o",
                        order ? "one.o" : "two.o", "both.o"));
        open_sections(&sections, path_in(&place, "lib.so"));
        assert_non_null(find_section(&sections, "hl_tweaks", &head));
        assert_true(head.sh_size >= 2 * 48 && head.sh_size <= 2 * 48 + 16);
        assert_non_null(find_section(&sections, "hl_was", &head));
        assert_true(head.sh_size >= 2 * sizeof "hl_tweak.name=old");
        close_sections(&sections);
        open_library(&reading, &place);
        both = dlsym(reading.library, "hotloop_game");
        assert_int_equal(both[0](1), 325);
        assert_int_equal(both[1](1), 325);
        assert_int_equal(both[0](1), 546);
        close_library(&reading);
    }
    drop_place(&place);
}

static void test_functions_of_named_sections_have_a_line(void **state)
{
    // Scenario: a function in a section of its own, for which tcc writes no lines.
    // Expect: all of it is at the line where it begins, and its unit is found.
    Place place;
    Reading reading;
    void **game;
    const char *file;
    (void)state;

    make_place(&place);
    make_both(&place);
    assert_true(
        RUN(&place, "ld", "-shared", "-Bsymbolic", "-o", "lib.so", "one.o", "two.o", "both.o"));
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    assert_int_equal(line_of(&reading, game[0], &file), 6);
    assert_int_equal(line_of(&reading, (char *)game[0] + 20, &file), 6);
    assert_string_equal(file, path_in(&place, "one.c"));
    close_library(&reading);
    drop_place(&place);
}

static const char REACHES[] =
    "static int later(int x);\n"
    "static int table[8] = {1, 2, 3, 4, 5, 6, 7, 8};\n"
    "static int *middle = &table[3];\n"
    "static int twice(int x) { return x * 2; }\n"
    "static int (*pick[])(int) = {twice, later};\n"
    "static const char *words[] = {\"one\", \"two\", \"one\"};\n"
    "static double half(double x) { return x * 0.5 + 0.125f; }\n"
    "static int depth(int x) { return x > 0 ? 1 + depth(x - 1) : 0; }\n"
    "__attribute__((section(\"far_code\"))) static int far(int x) { return later(x) + 1000; }\n"
    "static int later(int x) { return twice(x) + table[5] + middle[1]; }\n"
    "int all(int x);\n"
    "int all(int x)\n"
    "{\n"
    "    int (*of)(int) = later;\n"
    "    return pick[x & 1](x) + of(1) + far(x) + depth(5) + (int)half(x * 8.0)\n"
    "           + words[1][0] + words[2][2];\n"
    "}\n"
    "int (*hotloop_game)(int) = all;\n";

static void test_what_is_near_is_settled(void **state)
{
    // Scenario: static functions that call each other forwards and backwards, from another section
    // and by pointer, elements of static arrays, constants, literals.
    // Expect: it computes what gcc's code does; no call to a static function of the same section is
    // left to the linker, and no constant has a symbol.
    Place place;
    Sections sections;
    Reading reading;
    GElf_Shdr head;
    GElf_Sym symbol;
    int number, by_tcc[4], by_gcc[4];
    (void)state;

    make_place(&place);
    make_library(&place, REACHES);
    open_sections(&sections, path_in(&place, "one.o"));
    assert_false(find_symbol(&sections, "L.0", &symbol, &number));
    assert_true(find_symbol(&sections, "twice", &symbol, &number));
    Elf_Scn *relocations = find_section(&sections, ".rela.text", &head);
    assert_non_null(relocations);
    Elf_Data *data = elf_getdata(relocations, NULL);
    for (size_t i = 0; i < head.sh_size / sizeof(Elf64_Rela); i++) {
        GElf_Rela rela;
        assert_non_null(gelf_getrela(data, (int)i, &rela));
        assert_int_not_equal(GELF_R_SYM(rela.r_info), number);
    }
    close_sections(&sections);
    open_library(&reading, &place);
    for (int i = 0; i < 4; i++) {
        by_tcc[i] = ((int (*)(int))game_of(&reading))(i);
    }
    close_library(&reading);
    assert_true(RUN(&place, "gcc", "-shared", "-fPIC", "-g", "one.c", "-o", "lib.so"));
    open_library(&reading, &place);
    for (int i = 0; i < 4; i++) {
        by_gcc[i] = ((int (*)(int))game_of(&reading))(i);
    }
    close_library(&reading);
    assert_memory_equal(by_tcc, by_gcc, sizeof by_tcc);
    drop_place(&place);
}

// ----------------------------------------------------------------------------------- real games

// Compiles a game's unit with tcc, or, if tcc says no to it, with gcc.
static bool compile_unit(const Place *place, const char *source, const char *object)
{
    char raw[64];
    Fault fault = {0};
    RefitSource about = {source, place->folder};

    (void)text_format(raw, sizeof raw, "%s.tcc", object);
    if (!RUN(place, "sh", "-c", "exec tcc \"$@\" 2>/dev/null", "tcc", "-Ikeep", API_FLAG, "-g",
             "-c", (char *)(uintptr_t)source, "-o", raw)) {
        assert_true(RUN(place, "gcc", "-O2", "-g", "-fPIC", "-fvisibility=hidden", API_FLAG, "-c",
                        (char *)(uintptr_t)source, "-o", (char *)(uintptr_t)object));
        return false;
    }
    if (!refit_object(path_in(place, raw), &about, path_in(place, object), &fault)) {
        fail_msg("%s: %s", source, fault.text);
    }
    return true;
}

static void check_game(const char *pattern, size_t least_units)
{
    Place place;
    Reading reading;
    glob_t sources;
    size_t count = 0;

    make_place(&place);
    write_cdefs(&place);
    assert_int_equal(glob(pattern, 0, NULL, &sources), 0);
    for (size_t i = 0; i < sources.gl_pathc; i++) {
        char object[32];
        (void)text_format(object, sizeof object, "unit%zu.o", i);
        count += compile_unit(&place, sources.gl_pathv[i], object);
    }
    assert_true(count >= least_units);
    assert_true(RUN(&place, "sh", "-c",
                    "ld -shared -Bsymbolic --eh-frame-hdr -z text --fatal-warnings -o lib.so "
                    "unit*.o"));
    assert_true(RUN(&place, "sh", "-c",
                    "readelf --debug-dump lib.so 2>complaints >/dev/null && test ! -s complaints"));
    open_library(&reading, &place);
    globfree(&sources);
    close_library(&reading);
    drop_place(&place);
}

static void test_real_games(void **state)
{
    // Scenario: the games of this project, with gcc for the unit that tcc does not take.
    // Expect: they link and load, and readelf has no complaint about what debuggers read.
    (void)state;

    check_game(TEST_SOURCE_DIR "/game/pong/*.c", 1);
    check_game(TEST_SOURCE_DIR "/game/fire/*.c", 1);
    check_game(TEST_SOURCE_DIR "/game/platformer/*.c", 5);
}

// ----------------------------------------------------------------------------------------- wrap

static void test_wrapped_files_come_along_unloaded(void **state)
{
    // Scenario: a file is wrapped and linked with a unit.
    // Expect: the library has it, byte for byte, in the section of that name, which is not loaded.
    Place place;
    Sections sections;
    GElf_Shdr head;
    Elf_Data *data;
    Elf_Scn *section;
    Fault fault = {0};
    (void)state;

    make_place(&place);
    write_source(&place, "part.h", PART);
    make_library(&place, UNIT);
    if (!refit_wrap(path_in(&place, "part.h"), ".hotloop_types", path_in(&place, "types.o"),
                    &fault)) {
        fail_msg("%s", fault.text);
    }
    assert_true(RUN(&place, "ld", "-shared", "-Bsymbolic", "--fatal-warnings", "-o", "lib.so",
                    "one.o", "types.o"));
    open_sections(&sections, path_in(&place, "lib.so"));
    section = find_section(&sections, ".hotloop_types", &head);
    assert_non_null(section);
    assert_int_equal(head.sh_flags & SHF_ALLOC, 0);
    data = elf_getdata(section, NULL);
    assert_int_equal(data->d_size, sizeof PART - 1);
    assert_memory_equal(data->d_buf, PART, sizeof PART - 1);
    close_sections(&sections);
    drop_place(&place);
}

static void test_wrapping_what_is_not_there(void **state)
{
    // Scenario: the file to wrap is missing; then the folder to write into is.
    // Expect: FAULT_FILE with the name, and nothing is left.
    Place place;
    Fault fault = {0};
    (void)state;

    make_place(&place);
    assert_false(refit_wrap(path_in(&place, "none"), ".x", path_in(&place, "types.o"), &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    assert_non_null(strstr(fault.text, "none"));
    assert_false(file_exists(path_in(&place, "types.o")));
    write_source(&place, "some", "text");
    assert_false(refit_wrap(path_in(&place, "some"), ".x", path_in(&place, "no/types.o"), &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    drop_place(&place);
}

// --------------------------------------------------------------------------------------- damage

static void test_other_files_are_refused(void **state)
{
    // Scenario: a text, an empty file, an object of gcc's, and none at all.
    // Expect: FAULT_FORMAT that names the file, FAULT_FILE for the missing one; nothing is left.
    Place place;
    Fault fault = {0};
    (void)state;

    make_place(&place);
    write_source(&place, "text.o", "no object");
    write_source(&place, "empty.o", "");
    write_source(&place, "one.c",
                 "int x = 1; const char *s = \"text\"; int f(void) { return x; }\n");
    assert_true(RUN(&place, "gcc", "-g", "-fPIC", "-c", "one.c", "-o", "gcc.o"));
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"text.o", "empty.o", "gcc.o"};
        assert_false(refit_in(&place, names[i], "one.c", "out.o", &fault));
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_non_null(strstr(fault.text, names[i]));
        assert_false(file_exists(path_in(&place, "out.o")));
    }
    assert_false(refit_in(&place, "none.o", "one.c", "out.o", &fault));
    assert_int_equal(fault.kind, FAULT_FILE);
    drop_place(&place);
}

// Refits the bytes; what comes of it does not matter but for what is left.
static void refit_bytes(const Place *place, const uint8_t *bytes, size_t count)
{
    Fault fault = {0};

    folder_write(path_in(place, "bad.o"), bytes, count);
    unlink(path_in(place, "out.o"));
    if (!refit_in(place, "bad.o", "one.c", "out.o", &fault)) {
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_true(fault.text[0] != '\0');
        assert_false(file_exists(path_in(place, "out.o")));
    }
}

static FileBytes read_raw(const Place *place, Arena *arena)
{
    FileBytes bytes;
    Fault fault;

    write_source(place, "part.h", PART);
    make_library(place, LITERALS);
    make_library(place, UNIT);
    assert_true(arena_open(arena, 0, 1 << 20, &fault));
    assert_true(file_read(arena, path_in(place, "one.tcc.o"), 1 << 20, &bytes, &fault));
    return bytes;
}

static void test_cut_objects(void **state)
{
    // Scenario: an object that ends after every 7th byte.
    // Expect: FAULT_FORMAT, nothing is left, no crash.
    Place place;
    Arena arena;
    FileBytes bytes;
    (void)state;

    make_place(&place);
    bytes = read_raw(&place, &arena);
    for (size_t count = 0; count < bytes.size_bytes; count += 7) {
        refit_bytes(&place, bytes.data, count);
    }
    arena_close(&arena);
    drop_place(&place);
}

static void test_changed_objects(void **state)
{
    // Scenario: an object with one to eight bytes changed at random, three thousand times.
    // Expect: it is refitted or refused with FAULT_FORMAT; no crash.
    enum { TIMES = 3000 };
    uint64_t random = 88172645463325252u;
    Place place;
    Arena arena;
    FileBytes bytes;
    uint8_t *changed;
    (void)state;

    make_place(&place);
    bytes = read_raw(&place, &arena);
    changed = arena_push(&arena, bytes.size_bytes, 16, 1);
    for (int i = 0; i < TIMES; i++) {
        memcpy(changed, bytes.data, bytes.size_bytes);
        for (int k = 0; k <= i % 8; k++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            changed[random % bytes.size_bytes] = (uint8_t)(random >> 40);
        }
        refit_bytes(&place, changed, bytes.size_bytes);
    }
    arena_close(&arena);
    drop_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_symbols_are_like_gccs),
        cmocka_unit_test(test_stabs_go_and_the_stack_stays_safe),
        cmocka_unit_test(test_named_sections_go_with_gccs),
        cmocka_unit_test(test_functions_of_named_sections_have_a_line),
        cmocka_unit_test(test_what_is_near_is_settled),
        cmocka_unit_test(test_real_games),
        cmocka_unit_test(test_wrapped_files_come_along_unloaded),
        cmocka_unit_test(test_wrapping_what_is_not_there),
        cmocka_unit_test(test_other_files_are_refused),
        cmocka_unit_test(test_cut_objects),
        cmocka_unit_test(test_changed_objects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
