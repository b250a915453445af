#include "live_testing.h"
#include "live_types.h"

#include "reflect_table.h"

// A library with its debug information, as change hands it over.
static GameLib open_lib(Room *room, const char *a, const char *b)
{
    char path[FILE_PATH_MAX];
    GameLib lib;
    build(room, path, a, b, NULL);
    if (!gamelib_open(&lib, path, &room->lib_config, &room->fault)
        || !(lib.about = reflect_table_open(lib.path, lib.image_first, &room->fault))) {
        fail_msg("%s", room->fault.text);
    }
    return lib;
}

static void close_lib(GameLib *lib)
{
    reflect_table_close(lib->about);
    lib->about = NULL;
    (void)gamelib_close(lib);
}

static const uint8_t *packed_of(const GameLib *lib, Arena *arena, size_t *size_bytes)
{
    const uint8_t *bytes = live_types_pack(lib, arena, size_bytes);
    assert_non_null(bytes);
    return bytes;
}

static Arena open_arena(void)
{
    Arena arena;
    assert_true(arena_open(&arena, 0, 256u << 20, NULL));
    return arena;
}

#define BEFORE                                                                                     \
    "-DGLOBALS=static long score=5;int first(void);int first(void){static int calls=1;return "     \
    "++calls;}int second(void);int second(void){static int calls=2;return ++calls;}"
// Two more before the ones that there were: a compiler numbers statics in a function otherwise now.
#define AFTER                                                                                      \
    "-DGLOBALS=int zeroth(void);int zeroth(void){static int calls=9;static char other=3;return "   \
    "++calls+other;}static long score=5;int first(void);int first(void){static int "               \
    "calls=1;return ++calls;}int second(void);int second(void){static int calls=2;return "         \
    "++calls;}"

static void symbols_are_variables_of_the_old_build(void **state)
{
    // Scenario: a build's types are packed and read; a later build has more statics of the same
    // names, so that its symbols have other numbers.
    // Expect: each symbol of the first is the variable that lies there, and its counterpart in the
    // second is the one of the same function; sources are known by their base names.
    Room *room = *state;
    GameLib lib = open_lib(room, BEFORE, NULL), later = open_lib(room, AFTER, NULL);
    const ReflectTable *table = lib.about, *now = later.about;
    Arena arena = open_arena();
    LiveTypes types;
    const GameLibSymbol *symbol;
    const char *name;
    size_t size_bytes;
    uint32_t cursor = 0, nth, count = 0;
    const uint8_t *bytes = packed_of(&lib, &arena, &size_bytes);
    assert_true(live_types_open(&types, bytes, size_bytes, &room->fault));
    while (gamelib_next_global(&lib, &cursor, &symbol, &name, &nth)) {
        const ReflectVariable *there = reflect_variable_at(table, symbol->address, NULL);
        const ReflectVariable *was = live_types_variable(&types, name, nth);
        assert_int_equal(was != NULL, there != NULL);
        if (!was) {
            continue;
        }
        assert_string_equal(was->name, there->name);
        assert_string_equal(was->function, there->function);
        assert_string_equal(was->unit, "game.c");
        const ReflectVariable *is = live_types_counterpart(now, was);
        assert_non_null(is);
        assert_string_equal(is->name, was->name);
        assert_string_equal(is->function, was->function);
        count++;
    }
    assert_true(count >= 3);
    assert_null(live_types_variable(&types, "none", 0));
    assert_null(live_types_variable(&types, "score", 1));
    live_types_close(&types);
    arena_close(&arena);
    close_lib(&later);
    close_lib(&lib);
}

static void types_are_found_by_every_name(void **state)
{
    // Scenario: a struct is asked for by its typedef, by its tag, by another typedef, with a wrong
    // size, and by a name that nothing has.
    // Expect: the struct, or nothing.
    Room *room = *state;
    GameLib lib = open_lib(room,
                           "-DGLOBALS=typedef Mob Beast;struct Plain{int a;};struct Plain "
                           "plain={3};Beast beast={1}",
                           NULL);
    const ReflectTable *table = lib.about;
    uint32_t mob = live_types_named(table, "Mob", sizeof(Mob));
    assert_true(mob > 0 && table->types[mob].kind == REFLECT_STRUCT);
    assert_int_equal(live_types_named(table, "struct Mob", sizeof(Mob)), mob);
    assert_int_equal(live_types_named(table, "Beast", sizeof(Mob)), mob);
    assert_true(live_types_named(table, "struct Plain", sizeof(int)) > 0);
    assert_int_equal(live_types_named(table, "Mob", sizeof(Mob) + 8), 0);
    assert_int_equal(live_types_named(table, "Nothing", 4), 0);
    close_lib(&lib);
}

static void without_debug_information_nothing_is_known(void **state)
{
    // Scenario: a build without debug information.
    // Expect: no bytes; it says that it knows no types.
    Room *room = *state;
    GameLib lib = open_lib(room, "-g0", NULL);
    Arena arena = open_arena();
    size_t size_bytes = 1;
    assert_false(live_types_known(&lib));
    assert_null(live_types_pack(&lib, &arena, &size_bytes));
    assert_int_equal(size_bytes, 0);
    arena_close(&arena);
    close_lib(&lib);
}

static void try_bytes(const uint8_t *bytes, size_t size_bytes)
{
    LiveTypes types;
    Fault fault = {0};
    uint8_t *copy = malloc(size_bytes + 1); // of its own, so that reading past it is seen
    assert_non_null(copy);
    memcpy(copy, bytes, size_bytes);
    if (live_types_open(&types, copy, size_bytes, &fault)) {
        for (uint32_t i = 0; i < types.symbol_count; i++) {
            assert_true(types.symbols[i].variable < types.table.variable_count);
            assert_non_null(
                live_types_variable(&types, types.symbols[i].name, types.symbols[i].nth));
        }
    } else {
        assert_int_equal(fault.kind, FAULT_FORMAT);
    }
    live_types_close(&types);
    free(copy);
}

static void damaged_types_are_harmless(void **state)
{
    // Scenario: a build's bytes cut at every length, and 2,000 times with some of them changed.
    // Expect: FAULT_FORMAT, or types that are sound.
    Room *room = *state;
    GameLib lib = open_lib(room, BEFORE, NULL);
    Arena arena = open_arena();
    size_t size_bytes;
    const uint8_t *bytes = packed_of(&lib, &arena, &size_bytes);
    uint8_t *changed = arena_push(&arena, 1, 1, size_bytes);
    uint64_t random = 88172645463325252u;
    for (size_t cut = 0; cut < size_bytes; cut++) {
        try_bytes(bytes, cut);
    }
    for (int round = 0; round < 2000; round++) {
        memcpy(changed, bytes, size_bytes);
        for (int i = 0; i <= round % 3; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            // Half of them among the symbols, which come last.
            size_t at = round % 2 ? random % size_bytes : size_bytes - 1 - random % 64;
            changed[at] = (uint8_t)(random >> 32);
        }
        try_bytes(changed, size_bytes);
    }
    arena_close(&arena);
    close_lib(&lib);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(symbols_are_variables_of_the_old_build),
        CASE(types_are_found_by_every_name),
        CASE(without_debug_information_nothing_is_known),
        CASE(damaged_types_are_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
