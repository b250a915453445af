#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reflect_pack.h"

static const char SOURCE[] =
    "typedef struct { float x, y; } Vec;\n"
    "typedef enum { IDLE, HUNT = -3, BIG = 100000 } Mood;\n"
    "typedef float Speed;\n"
    "struct Item { struct Item *next; char name[12]; };\n"
    "typedef union { int i; float f; char raw[8]; } Any;\n"
    "typedef void Hit(struct Mob *, int);\n"
    "typedef struct Mob {\n"
    "    struct Item *items; Vec pos; Mood mood;\n"
    "    unsigned flags : 3; int hp : 12; unsigned long wide : 40; _Bool alive : 1;\n"
    "    union { int id; Any any; };\n"
    "    struct { short a, b; } pair;\n"
    "    unsigned char grid[3][4]; Hit *on_hit; long double precise; Speed speed;\n"
    "    _Alignas(32) char lane[4];\n"
    "    struct Nowhere *nowhere; int (*say)(const char *, ...);\n"
    "    int tail[];\n"
    "} Mob;\n"
    "typedef struct Apart { double alone; } Apart;\n"
    "Mob mob; Apart apart; static int score = 3; const char *const names[2] = {\"a\", \"b\"};\n"
    "float __attribute__((vector_size(16))) four; _Complex double turning; Speed fastest = 3;\n"
    "_Thread_local int own;\n"
    "#ifdef __clang__\n"
    "typedef float Three __attribute__((ext_vector_type(3))); struct { Three at; int hp; } lit;\n"
    "#endif\n"
    "int update(int k) { static Vec v = {1, 2}; v.x += k; score += k;\n"
    "    return score + (int)v.x + (int)mob.hp + names[k & 1][0]; }\n";

static const char *const COMPILERS[] = {"gcc -gdwarf-5 -O0", "gcc -gdwarf-4 -O2", "clang -O0 -g",
                                        "clang -O2 -g"};
enum { LIBS = 4, ROOM = 4096 };

typedef struct Fixture {
    char folder[64];
    ReflectTable *tables[LIBS];
    Arena arena;
} Fixture;

static void build(const Fixture *fixture, size_t which, char *path, size_t path_bytes)
{
    char command[512];
    char *const arguments[] = {"sh", "-c", command, NULL};
    pid_t child;
    int status;
    snprintf(path, path_bytes, "%s/%zu.so", fixture->folder, which);
    snprintf(command, sizeof command, "%s -std=gnu11 -w -shared -fPIC -o %s %s/source.c",
             COMPILERS[which], path, fixture->folder);
    assert_int_equal(posix_spawnp(&child, "sh", NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int open_fixture(void **state)
{
    static Fixture fixture;
    Fault fault = {0};
    char path[128];
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/reflect_pack_test_XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    snprintf(path, sizeof path, "%s/source.c", fixture.folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(SOURCE, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_true(arena_open(&fixture.arena, 0, (size_t)1 << 30, &fault));
    for (size_t i = 0; i < LIBS; i++) {
        build(&fixture, i, path, sizeof path);
        fixture.tables[i] = reflect_table_open(path, 0, &fault);
        if (!fixture.tables[i]) {
            fail_msg("%s", fault.text);
        }
        unlink(path);
    }
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    Fixture *fixture = *state;
    char path[128];
    for (size_t i = 0; i < LIBS; i++) {
        reflect_table_close(fixture->tables[i]);
    }
    snprintf(path, sizeof path, "%s/source.c", fixture->folder);
    unlink(path);
    rmdir(fixture->folder);
    arena_close(&fixture->arena);
    return 0;
}

// --------------------------------------------------------------------------------------- helpers

static uint32_t named(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    fail_msg("no type %s", name);
    return 0;
}

static bool has(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static ReflectPacked pack_everything(const ReflectTable *table, Arena *arena)
{
    uint32_t *all = ARENA_NEW(arena, uint32_t, table->type_count);
    for (uint32_t i = 1; i < table->type_count; i++) {
        all[i - 1] = i;
    }
    return reflect_pack(table, all, table->type_count - 1, true, arena);
}

static void check_members(const ReflectTable *a, const ReflectTable *b, uint32_t type)
{
    const ReflectType *left = &a->types[type], *right = &b->types[type];
    assert_int_equal(left->member_count, right->member_count);
    assert_int_equal(left->enumerator_count, right->enumerator_count);
    for (uint32_t i = 0; i < left->member_count; i++) {
        const ReflectMember *was = &a->members[left->first_member + i];
        const ReflectMember *is = &b->members[right->first_member + i];
        assert_string_equal(was->name, is->name);
        assert_int_equal(was->type, is->type);
        assert_int_equal(was->offset_bits, is->offset_bits);
        assert_int_equal(was->bit_size, is->bit_size);
    }
    for (uint32_t i = 0; i < left->enumerator_count; i++) {
        const ReflectEnumerator *was = &a->enumerators[left->first_enumerator + i];
        const ReflectEnumerator *is = &b->enumerators[right->first_enumerator + i];
        assert_string_equal(was->name, is->name);
        assert_int_equal(was->value, is->value);
    }
}

static void check_types(const ReflectTable *a, const ReflectTable *b)
{
    assert_int_equal(a->type_count, b->type_count);
    for (uint32_t i = 0; i < a->type_count; i++) {
        const ReflectType *was = &a->types[i], *is = &b->types[i];
        assert_int_equal(was->kind, is->kind);
        assert_string_equal(was->name, is->name);
        assert_int_equal(was->bytes, is->bytes);
        assert_int_equal(was->is_signed, is->is_signed);
        assert_int_equal(was->is_bool, is->is_bool);
        assert_int_equal(was->is_char, is->is_char);
        assert_int_equal(was->of, is->of);
        assert_int_equal(was->count, is->count);
        assert_int_equal(was->align, is->align);
        assert_int_equal(was->shape, is->shape);
        check_members(a, b, i);
    }
}

static void check_variables(const ReflectTable *a, const ReflectTable *b)
{
    assert_int_equal(a->variable_count, b->variable_count);
    for (uint32_t i = 0; i < a->variable_count; i++) {
        const ReflectVariable *was = &a->variables[i], *is = &b->variables[i];
        assert_string_equal(was->name, is->name);
        assert_string_equal(was->unit, is->unit);
        assert_string_equal(was->function, is->function);
        assert_int_equal(was->block, is->block);
        assert_int_equal(was->type, is->type);
        assert_int_equal(was->bytes, is->bytes);
        assert_int_equal(was->is_external, is->is_external);
        assert_int_equal(was->is_const, is->is_const);
        assert_int_equal(was->is_thread_local, is->is_thread_local);
        assert_int_equal(is->address, 0);
        assert_int_equal(is->piece_count, 0);
    }
    assert_int_equal(a->alias_count, b->alias_count);
    for (uint32_t i = 0; i < a->alias_count; i++) {
        assert_string_equal(a->aliases[i].name, b->aliases[i].name);
        assert_int_equal(a->aliases[i].type, b->aliases[i].type);
    }
}

// ------------------------------------------------------------------------------------ what is true

// Scenario: tables of gcc and clang, -O0 and -O2, DWARF 4 and 5, packed whole and read again.
// Expect: every type, member, enumerator, alias and variable is what it was, and has the same
//         shape; the bytes are the same each time, also those of the table that was read.
static void a_whole_table_comes_back(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < LIBS; i++) {
        ReflectTable again;
        Fault fault = {0};
        const ReflectTable *table = fixture->tables[i];
        ReflectPacked packed = pack_everything(table, &fixture->arena);
        ReflectPacked twice = pack_everything(table, &fixture->arena);
        assert_non_null(packed.bytes);
        assert_int_equal(packed.size_bytes, twice.size_bytes);
        assert_memory_equal(packed.bytes, twice.bytes, packed.size_bytes);
        if (!reflect_unpack(packed.bytes, packed.size_bytes, &fixture->arena, &again, &fault)) {
            fail_msg("%s: %s", COMPILERS[i], fault.text);
        }
        assert_false(again.is_empty);
        check_types(table, &again);
        check_variables(table, &again);
        ReflectPacked third = pack_everything(&again, &fixture->arena);
        assert_int_equal(packed.size_bytes, third.size_bytes);
        assert_memory_equal(packed.bytes, third.bytes, packed.size_bytes);
        arena_reset(&fixture->arena, 0);
    }
}

// Scenario: two types are wanted, without variables.
// Expect: they are types 1 and 2, in the order given; what they hold and point to is there, with
//         the aliases of that, and nothing else.
static void what_is_wanted_comes_first(void **state)
{
    Fixture *fixture = *state;
    for (size_t i = 0; i < LIBS; i++) {
        ReflectTable again;
        Fault fault = {0};
        const ReflectTable *table = fixture->tables[i];
        uint32_t wanted[] = {named(table, "Mob"), named(table, "Vec"), named(table, "Mob"), 0};
        ReflectPacked packed = reflect_pack(table, wanted, 4, false, &fixture->arena);
        assert_true(
            reflect_unpack(packed.bytes, packed.size_bytes, &fixture->arena, &again, &fault));
        assert_string_equal(again.types[1].name, "Mob");
        assert_string_equal(again.types[2].name, "Vec");
        assert_int_equal(again.types[1].shape, table->types[wanted[0]].shape);
        assert_int_equal(again.types[1].align, table->types[wanted[0]].align);
        assert_true(has(&again, "Item") && has(&again, "Mood") && has(&again, "Nowhere"));
        assert_false(has(&again, "Apart"));
        assert_int_equal(again.variable_count, 0);
        for (uint32_t k = 0; k < again.alias_count; k++) {
            assert_true(again.aliases[k].type < again.type_count);
        }
        arena_reset(&fixture->arena, 0);
    }
}

// Scenario: nothing is wanted; the table is empty.
// Expect: bytes that are read as an empty table.
static void nothing_is_an_empty_table(void **state)
{
    Fixture *fixture = *state;
    ReflectTable again;
    Fault fault = {0};
    ReflectPacked packed = reflect_pack(fixture->tables[0], NULL, 0, false, &fixture->arena);
    assert_non_null(packed.bytes);
    assert_true(packed.size_bytes < 16);
    assert_true(reflect_unpack(packed.bytes, packed.size_bytes, &fixture->arena, &again, &fault));
    assert_true(again.is_empty && again.type_count == 1 && again.variable_count == 0);
    arena_reset(&fixture->arena, 0);
}

// ------------------------------------------------------------------------------------ what is
// false

typedef struct Bytes {
    uint8_t data[ROOM];
    size_t used;
} Bytes;

static void add(Bytes *bytes, uint64_t number)
{
    for (; number >= 0x80; number >>= 7) {
        bytes->data[bytes->used++] = (uint8_t)(number | 0x80);
    }
    bytes->data[bytes->used++] = (uint8_t)number;
}

#define ADD(bytes, ...)                                                                            \
    do {                                                                                           \
        const uint64_t numbers[] = {__VA_ARGS__};                                                  \
        for (size_t n = 0; n < COUNT_OF(numbers); n++) {                                           \
            add((bytes), numbers[n]);                                                              \
        }                                                                                          \
    } while (0)

// Magic, version and one text, "t".
static void begin(Bytes *bytes)
{
    *bytes = (Bytes){.data = {'H', 'L', 'T', 'Y', 1, 1, 1, 't'}, .used = 8};
}

enum { INTEGER = REFLECT_INTEGER, STRUCT = REFLECT_STRUCT, UNION = REFLECT_UNION };

static bool is_read(Fixture *fixture, const Bytes *bytes)
{
    ReflectTable table;
    Fault fault = {0};
    size_t used = fixture->arena.used_bytes;
    bool ok = reflect_unpack(bytes->data, bytes->used, &fixture->arena, &table, &fault);
    assert_true(ok
                || (fault.kind == FAULT_FORMAT && fault.text[0] && table.is_empty
                    && table.type_count == 1 && fixture->arena.used_bytes == used));
    arena_reset(&fixture->arena, used);
    return ok;
}

// Scenario: bytes made by hand, each with one lie: counts, numbers, places, sizes; structs and
//           arrays that hold themselves; types that unfold to more than there is memory.
// Expect: FAULT_FORMAT, an empty table and nothing kept; the same without the lie is read.
static void lies_are_refused(void **state)
{
    Fixture *fixture = *state;
    Bytes bytes;
    begin(&bytes); // int; struct t { int t; }; no aliases; no variables
    ADD(&bytes, 2, INTEGER | 16, 1, 0, 4, STRUCT, 1, 0, 4, 1, 1, 1, 0, 0, 0, 0);
    assert_true(is_read(fixture, &bytes));
    const Bytes sound = bytes;
    static const struct {
        size_t at;
        uint8_t lie;
    } LIES[] = {
        {0, 'h'}, {4, 2},  {5, 9},   {6, 200}, {8, 99}, {9, 15}, {9, 128},
        {10, 2},  {11, 3}, {12, 9},  {14, 7},  {16, 3}, {17, 9}, {18, 2},
        {19, 9},  {20, 1}, {20, 40}, {21, 33}, {22, 5}, {23, 1}, {19, 2},
    };
    for (size_t i = 0; i < COUNT_OF(LIES); i++) {
        bytes = sound;
        bytes.data[LIES[i].at] = LIES[i].lie;
        if (is_read(fixture, &bytes)) {
            fail_msg("byte %zu may be %d", LIES[i].at, LIES[i].lie);
        }
    }
    bytes = sound;
    bytes.used++;
    assert_false(is_read(fixture, &bytes)); // more than it says
    begin(&bytes);                          // an array of itself
    ADD(&bytes, 1, REFLECT_ARRAY, 0, 0, 1, 3, 0, 0);
    assert_false(is_read(fixture, &bytes));
    begin(&bytes); // 2^40 elements of 2^40 bytes
    ADD(&bytes, 2, UNION, 1, 0, UINT64_C(1) << 40, 0, REFLECT_ARRAY, 0, 0, 1, UINT64_C(1) << 40, 0,
        0);
    assert_false(is_read(fixture, &bytes));
    begin(&bytes); // 2^40 elements of nothing
    ADD(&bytes, 2, STRUCT, 1, 0, 0, 0, REFLECT_ARRAY, 0, 0, 1, UINT64_C(1) << 40, 0, 0);
    assert_false(is_read(fixture, &bytes));
    begin(&bytes); // an array of pointers to itself
    ADD(&bytes, 2, REFLECT_ARRAY, 0, 0, 2, 58, REFLECT_POINTER, 1, 0, 8, 1, 0, 0);
    assert_false(is_read(fixture, &bytes));
    begin(&bytes); // a pointer of 4 bytes
    ADD(&bytes, 1, REFLECT_POINTER, 0, 0, 4, 0, 0, 0);
    assert_false(is_read(fixture, &bytes));
    begin(&bytes); // a number that does not end
    memset(bytes.data + bytes.used, 0xff, 12);
    bytes.used += 12;
    assert_false(is_read(fixture, &bytes));
}

// Unions of two of the next, `count` deep.
static void add_unions(Bytes *bytes, uint32_t count)
{
    begin(bytes);
    add(bytes, count + 1);
    for (uint32_t i = 1; i <= count; i++) {
        ADD(bytes, UNION, 1, 0, 4, 2, 0, i + 1, 0, 0, 0, i + 1, 0, 0);
    }
    ADD(bytes, INTEGER, 1, 0, 4, 0, 0);
}

// Scenario: unions of two unions of two unions, 12, 60 and 200 deep.
// Expect: only the first is read: whoever walks through the others never comes back.
static void what_unfolds_without_end_is_refused(void **state)
{
    Bytes bytes;
    add_unions(&bytes, 12);
    assert_true(is_read(*state, &bytes));
    add_unions(&bytes, 60);
    assert_false(is_read(*state, &bytes));
    add_unions(&bytes, 200);
    assert_false(is_read(*state, &bytes));
}

// Scenario: a text with terminal escapes, of one byte and of two, and a byte that is not UTF-8.
// Expect: the name is read, made harmless.
static void names_are_harmless(void **state)
{
    Fixture *fixture = *state;
    static const uint8_t BYTES[] = {'H',  'L',  'T', 'Y', 1, 1, 6, 'a', 0x1b, 0xff,
                                    0xc2, 0x9b, 'b', 1,   1, 1, 0, 4,   0,    0};
    ReflectTable table;
    Fault fault = {0};
    assert_true(reflect_unpack(BYTES, sizeof BYTES, &fixture->arena, &table, &fault));
    assert_string_equal(table.types[1].name, "a???b");
    arena_reset(&fixture->arena, 0);
}

// Everything that a table promises to whoever walks through it.
static void walk(const ReflectTable *table)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        const ReflectType *type = &table->types[i];
        assert_true(type->of < table->type_count);
        assert_true(type->first_member + type->member_count <= table->member_count);
        assert_true(type->first_enumerator + type->enumerator_count <= table->enumerator_count);
        assert_non_null(memchr(type->name, 0, ROOM));
        for (uint32_t k = 0; k < type->member_count; k++) {
            assert_true(table->members[type->first_member + k].type < table->type_count);
        }
    }
    for (uint32_t i = 0; i < table->variable_count; i++) {
        assert_true(table->variables[i].type < table->type_count);
        assert_non_null(memchr(table->variables[i].unit, 0, ROOM));
    }
    for (uint32_t i = 0; i < table->alias_count; i++) {
        assert_true(table->aliases[i].type < table->type_count);
    }
}

static void try_bytes(Fixture *fixture, const uint8_t *bytes, size_t size_bytes)
{
    ReflectTable table;
    Fault fault = {0};
    size_t used = fixture->arena.used_bytes;
    // A block of its own, so that reading past it is seen by the sanitizers.
    uint8_t *copy = malloc(size_bytes ? size_bytes : 1);
    assert_non_null(copy);
    memcpy(copy, bytes, size_bytes);
    if (reflect_unpack(copy, size_bytes, &fixture->arena, &table, &fault)) {
        walk(&table);
    } else {
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_int_equal(table.type_count, 1);
    }
    free(copy);
    arena_reset(&fixture->arena, used);
}

// Scenario: a real table cut at every byte, and 20,000 times with some bytes changed.
// Expect: it is refused, or is a sound table; never read past its end.
static void broken_tables_are_harmless(void **state)
{
    Fixture *fixture = *state;
    ReflectPacked packed = pack_everything(fixture->tables[0], &fixture->arena);
    uint64_t random = 88172645463325252u;
    uint8_t *bytes = ARENA_NEW(&fixture->arena, uint8_t, packed.size_bytes);
    for (size_t cut = 0; cut < packed.size_bytes; cut++) {
        try_bytes(fixture, packed.bytes, cut);
    }
    for (int round = 0; round < 20000; round++) {
        memcpy(bytes, packed.bytes, packed.size_bytes);
        for (int i = 0; i <= round % 4; i++) {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            bytes[random % packed.size_bytes] = (uint8_t)(random >> 32);
        }
        try_bytes(fixture, bytes, packed.size_bytes);
    }
    arena_reset(&fixture->arena, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_table_comes_back),
        cmocka_unit_test(what_is_wanted_comes_first),
        cmocka_unit_test(nothing_is_an_empty_table),
        cmocka_unit_test(lies_are_refused),
        cmocka_unit_test(what_unfolds_without_end_is_refused),
        cmocka_unit_test(names_are_harmless),
        cmocka_unit_test(broken_tables_are_harmless),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
