#include "refit_testing.h"

// Literals: where they are, and that everybody finds them there.

// ------------------------------------------------------------------------------------- literals

// Whether the address lies in memory that may be written.
static bool is_writable(const void *address)
{
    char line[512], may[8];
    unsigned long first, end;
    bool is = false;
    FILE *maps = fopen("/proc/self/maps", "re");

    assert_non_null(maps);
    while (fgets(line, sizeof line, maps)) {
        if (sscanf(line, "%lx-%lx %7s", &first, &end, may) == 3 && first <= (uintptr_t)address
            && (uintptr_t)address < end) {
            is = may[1] == 'w';
        }
    }
    fclose(maps);
    return is;
}

static void test_literals_cannot_be_written(void **state)
{
    // Scenario: string literals, a constant compound literal, and variables between them.
    // Expect: literals are in memory that cannot be written, with their contents; variables in
    // memory that can, with theirs.
    Place place;
    Reading reading;
    void **game;
    const char *text;
    (void)state;

    make_place(&place);
    make_library(&place, LITERALS);
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    assert_string_equal(game[0], "array");
    assert_int_equal(*(int *)game[1], 7);
    assert_int_equal(*(int *)game[8], 9);
    assert_true(is_writable(game[0]) && is_writable(game[1]) && is_writable(game[8]));
    text = *(const char **)game[2];
    assert_string_equal(text, "equal");
    assert_false(is_writable(text));
    assert_string_equal(*(const char **)game[4], "");
    assert_memory_equal(*(const int **)game[5], L"wide", 5 * sizeof(int));
    assert_int_equal((uintptr_t) * (const int **)game[5] % sizeof(int), 0);
    assert_memory_equal(*(const char **)game[6], "a\0b", 4);
    assert_false(is_writable(*(const char **)game[6]));
    close_library(&reading);
    drop_place(&place);
}

static void test_literals_with_pointers_are_relocated(void **state)
{
    // Scenario: a compound literal that holds a pointer to a text.
    // Expect: the loader sets it, and then nobody can write to it.
    typedef struct Pair {
        const char *name;
        double value;
    } Pair;
    Place place;
    Reading reading;
    const Pair *pair;
    (void)state;

    make_place(&place);
    make_library(&place, LITERALS);
    open_library(&reading, &place);
    pair = *(const Pair **)((void **)dlsym(reading.library, "hotloop_game"))[7];
    assert_string_equal(pair->name, "named");
    assert_true(pair->value == 2.5);
    assert_false(is_writable(pair));
    close_library(&reading);
    drop_place(&place);
}

static void test_equal_texts_are_one(void **state)
{
    // Scenario: the same literal twice; gcc makes one of them, and games compare the pointers.
    // Expect: one address.
    Place place;
    Reading reading;
    void **game;
    (void)state;

    make_place(&place);
    make_library(&place, LITERALS);
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    assert_ptr_equal(*(void **)game[2], *(void **)game[3]);
    close_library(&reading);
    drop_place(&place);
}

static void test_literals_are_no_objects(void **state)
{
    // Scenario: the symbols of a library with literals, linked with -X.
    // Expect: none of tcc's L.1, nor of .L1; the variables are still there.
    Place place;
    GElf_Sym symbol;
    int number, count = 0;
    Sections sections;
    (void)state;

    make_place(&place);
    make_library(&place, LITERALS);
    assert_true(RUN(&place, "ld", "-shared", "-X", "-o", "lib.so", "one.o"));
    open_sections(&sections, path_in(&place, "lib.so"));
    assert_true(find_symbol(&sections, "may_change", &symbol, &number));
    for (int i = 0; i < 100; i++) {
        char name[16];
        (void)text_format(name, sizeof name, "L.%d", i);
        count += find_symbol(&sections, name, &symbol, &number);
        (void)text_format(name, sizeof name, ".L%d", i);
        count += find_symbol(&sections, name, &symbol, &number);
    }
    assert_int_equal(count, 0);
    close_sections(&sections);
    drop_place(&place);
}

static void test_code_reads_its_constants(void **state)
{
    // Scenario: functions that use floating-point constants and a text.
    // Expect: they compute what they say.
    Place place;
    Reading reading;
    void **game;
    double (*sum)(double);
    long double (*longer)(void);
    const char *(*said)(void);
    (void)state;

    make_place(&place);
    make_library(&place, LITERALS);
    open_library(&reading, &place);
    game = dlsym(reading.library, "hotloop_game");
    memcpy(&sum, &game[9], sizeof sum);
    memcpy(&longer, &game[10], sizeof longer);
    memcpy(&said, &game[11], sizeof said);
    assert_true(sum(2) == 7.0);
    assert_true(longer() == 1.25L);
    assert_string_equal(said(), "said in code");
    assert_false(is_writable(said()));
    close_library(&reading);
    drop_place(&place);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_literals_cannot_be_written),
        cmocka_unit_test(test_literals_with_pointers_are_relocated),
        cmocka_unit_test(test_equal_texts_are_one),
        cmocka_unit_test(test_literals_are_no_objects),
        cmocka_unit_test(test_code_reads_its_constants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
