#include "reflect_table_testing.h"

#include <elf.h>
#include <sys/stat.h>

// Types that the libraries here and this test are both made of: the compiler that builds the test
// is what the table is compared with.
#define BOTH(...) __VA_ARGS__ static const char TYPES[] = #__VA_ARGS__ "\n";
BOTH(
    typedef struct Node {
        struct Node *next;
        struct Owner *owner;
        int v;
    } Node;
    typedef enum {RED, GREEN = 5, BLUE = -2} Color; enum Big{BIG_A = 0x80000000u, BIG_B = 200};
    enum __attribute__((packed)) Small{SMALL_A, SMALL_B = 200}; typedef struct { float x, y; } Vec;
    typedef union {
        int i;
        float f;
        char raw[8];
    } Any;
    struct Mob; typedef void Hit(struct Mob *, int); typedef int Table[2][3];
    typedef const int *const Look; typedef struct Mob {
        const char *name;
        Vec pos;
        Color color;
        unsigned flags : 3;
        int hp : 12;
        unsigned long wide : 40;
        _Bool alive : 1;
        unsigned long long far : 33;
        _Bool awake;
        union {
            int id;
            Any any;
        };
        struct {
            short a, b;
        } pair;
        unsigned char grid[3][4];
        Hit *on_hit;
        long double precise;
        _Atomic int counted;
        volatile int touched;
        char letter;
        signed char low;
        enum Small small;
        enum Big big;
        struct Mob *friends[4];
        int (*table[2])(void);
        Table tables[2];
        Look look;
        int tail[];
    } Mob;)

static const char FIRST[] =
    "#include \"types.h\"\n"
    "#include <stdio.h>\n"
    "#include \"shared.h\"\n"
    "#define APART __attribute__((noinline, noclone))\n"
    "struct Owner *the_owner;\n"
    "int shared_table[] = {1, 2, 3};\n"
    "static const int fixed[3] = {1, 2, 3};\n"
    "const Vec origin = {1, 2};\n"
    "static const char *const names[2] = {\"a\", \"b\"};\n"
    "static const char *titles[2] = {\"a\", \"b\"};\n"
    "static Mob mob = {.name = \"x\", .tail = {1, 2, 3}};\n"
    "_Thread_local int own = 4;\n"
    "static int dropped, score = 3;\n"
    "static struct { int x, y; float z; } cursor = {1, 2, 3};\n"
    "static int opening = 7;\n"
    "static struct Pair { int a; } pair_here;\n"
    "struct Pair *pair = &pair_here;\n"
    "struct Rival *rival;\n"
    "struct Nowhere *nowhere;\n"
    "_Complex double turning;\n"
    "float __attribute__((vector_size(16))) four;\n"
    "int many[2][3][4];\n"
    "void *anything;\n"
    "long count_long; unsigned long count_unsigned; unsigned short count_short;\n"
    "static APART int hidden(int a, Mob *m)\n"
    "{\n"
    "    static Vec v; v.x += a;\n"
    "    return (int)v.x + m->hp;\n"
    "}\n"
    "int (*chosen)(int, Mob *) = hidden;\n"
    "APART void *nested(int k)\n"
    "{\n"
    "    static int n = 1;\n"
    "    n += k;\n"
    "    if (k > 0) {\n"
    "        static int n = 2;\n"
    "        n += k;\n"
    "        if (k > 1) {\n"
    "            static int n = 3;\n"
    "            n += k;\n"
    "            return &n;\n"
    "        }\n"
    "        return &n;\n"
    "    }\n"
    "    return &n;\n"
    "}\n"
    "APART int play(int k)\n"
    "{\n"
    "    if (opening == 7) opening = 3;\n"
    "    cursor.x += k; cursor.y -= k; cursor.z *= 2;\n"
    "    dropped = k;\n"
    "    return cursor.x * 10000 + cursor.y * 100 + (int)cursor.z;\n"
    "}\n"
    "APART int opened(void) { return opening; }\n"
    "APART int talk(const char *text, ...) { score++; return printf(text, fixed[score % 3], "
    "names[score & 1]); }\n"
    "APART void *titled(int k) { extern int elsewhere; titles[0] = names[k]; elsewhere++; return "
    "titles; }\n"
    "void *mobbed(void) { return &mob; }\n"
    "void *uses_of_first(int k) { return uses(k); }\n"
    "int more_uses(int k) { return *uses(k) + *uses(k + 1) + own; }\n"
    "void *scored(void) { return &score; }\n";
static const char SECOND[] = "#include \"types.h\"\n"
                             "#include \"shared.h\"\n"
                             "struct Owner { int id; Node *first; };\n"
                             "struct Owner owner;\n"
                             "int elsewhere = 7;\n"
                             "static struct Pair { float b; } pair_there;\n"
                             "struct Pair *other_pair = &pair_there;\n"
                             "struct Rival { int here; } rival_of_two;\n"
                             "static int score = 5;\n"
                             "void *uses_of_second(int k) { return uses(k); }\n"
                             "void *scored_too(int k) { score += k; return &score; }\n";
static const char THIRD[] = "struct Rival { float there; } rival_of_three;\n";
static const char SHARED[] = "static inline __attribute__((always_inline)) int *uses(int k)\n"
                             "{\n"
                             "    static int used;\n"
                             "    used += k;\n"
                             "    { static volatile int deep; deep++; }\n"
                             "    return &used;\n"
                             "}\n"
                             "extern int shared_table[];\n"
                             "extern int in_no_file;\n";
typedef struct Flavour {
    const char *name, *options;
    bool is_optimised, is_clang;
} Flavour;

#define FOUR(compiler, dwarf, letter, is_clang)                                                    \
    {"t" letter dwarf "0.so", compiler " -gdwarf-" dwarf " -O0", false, is_clang},                 \
        {"t" letter dwarf "1.so", compiler " -gdwarf-" dwarf " -O1", true, is_clang},              \
        {"t" letter dwarf "2.so", compiler " -gdwarf-" dwarf " -O2", true, is_clang},              \
    {                                                                                              \
        "t" letter dwarf "3.so", compiler " -gdwarf-" dwarf " -O3", true, is_clang                 \
    }
static const Flavour FLAVOURS[] = {
    FOUR("gcc", "4", "g", false),
    FOUR("gcc", "5", "g", false),
    FOUR("clang", "4", "c", true),
    FOUR("clang", "5", "c", true),
    {"tz.so", "gcc -gdwarf-5 -gz -O1", true, false},
    {"tt4.so", "gcc -gdwarf-4 -O1 -fdebug-types-section", true, false},
    {"tt5.so", "gcc -gdwarf-5 -O1 -fdebug-types-section", true, false},
    {"tp.so", "gcc -gdwarf-5 -O1 -ffunction-sections -fdata-sections -Wl,--gc-sections", true,
     false},
};

static int open_everything(void **state)
{
    static Fixture fixture;

    open_fixture(&fixture);
    write_text(&fixture, "types.h", TYPES);
    write_text(&fixture, "shared.h", SHARED);
    write_text(&fixture, "first.c", FIRST);
    write_text(&fixture, "second.c", SECOND);
    write_text(&fixture, "third.c", THIRD);
    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        build(&fixture, FLAVOURS[i].name, FLAVOURS[i].options, "first.c second.c third.c");
    }
    *state = &fixture;
    return 0;
}

// ----------------------------------------------------------------------------------------- types

static void check_places(const Lib *lib, const ReflectType *mob)
{
#define IS_AT(name)                                                                                \
    assert_int_equal(member_of(lib, mob, #name)->offset_bits, offsetof(Mob, name) * 8)
    IS_AT(name);
    IS_AT(pos);
    IS_AT(color);
    IS_AT(awake);
    IS_AT(pair);
    IS_AT(grid);
    IS_AT(on_hit);
    IS_AT(precise);
    IS_AT(counted);
    IS_AT(touched);
    IS_AT(letter);
    IS_AT(low);
    IS_AT(small);
    IS_AT(big);
    IS_AT(friends);
    IS_AT(table);
    IS_AT(tables);
    IS_AT(look);
    IS_AT(tail);
    assert_int_equal(member_of(lib, mob, "")->offset_bits, offsetof(Mob, id) * 8);
    assert_int_equal(mob->member_count, 25);
    assert_int_equal(mob->bytes, sizeof(Mob));
}

// Every bit of the field set must be every bit that the table says.
static void check_bits(const Lib *lib, const ReflectType *mob, const char *name, const Mob *filled,
                       uint32_t size)
{
    const ReflectMember *member = member_of(lib, mob, name);
    const uint8_t *bytes = (const uint8_t *)filled;

    assert_int_equal(member->bit_size, size);
    for (uint64_t bit = 0; bit < sizeof *filled * 8; bit++) {
        bool is_set = bytes[bit / 8] >> bit % 8 & 1;
        assert_int_equal(is_set, bit >= member->offset_bits && bit < member->offset_bits + size);
    }
}

static void check_bit_fields(const Lib *lib, const ReflectType *mob)
{
    Mob flags, hp, wide, alive, far;

    memset(&flags, 0, sizeof flags);
    memset(&hp, 0, sizeof hp);
    memset(&wide, 0, sizeof wide);
    memset(&alive, 0, sizeof alive);
    memset(&far, 0, sizeof far);
    flags.flags = 7;
    hp.hp = -1;
    wide.wide = 0xffffffffff;
    alive.alive = 1;
    far.far = 0x1ffffffff;
    check_bits(lib, mob, "flags", &flags, 3);
    check_bits(lib, mob, "hp", &hp, 12);
    check_bits(lib, mob, "wide", &wide, 40);
    check_bits(lib, mob, "alive", &alive, 1);
    check_bits(lib, mob, "far", &far, 33);
}

static void check_kinds(const Lib *lib, const ReflectType *mob)
{
    const ReflectType *type = type_in(lib, mob, "grid");

    assert_int_equal(type->kind, REFLECT_ARRAY);
    assert_int_equal(type->count, 3);
    assert_int_equal(type->bytes, 12);
    type = &lib->table.types[type->of];
    assert_int_equal(type->count, 4);
    type = &lib->table.types[type->of];
    assert_true(type->kind == REFLECT_INTEGER && !type->is_char && !type->is_signed);
    type = type_in(lib, mob, "letter");
    assert_true(type->kind == REFLECT_INTEGER && type->is_char && type->bytes == 1);
    type = type_in(lib, mob, "low");
    assert_true(type->kind == REFLECT_INTEGER && !type->is_char && type->is_signed);
    type = type_in(lib, mob, "awake");
    assert_true(type->kind == REFLECT_INTEGER && type->is_bool && type->bytes == 1);
    type = type_in(lib, mob, "precise");
    assert_true(type->kind == REFLECT_FLOAT && type->bytes == sizeof(long double));
    type = type_in(lib, mob, "counted");
    assert_true(type->kind == REFLECT_INTEGER && type->is_signed && type->bytes == 4);
    assert_ptr_equal(type, type_in(lib, mob, "touched"));
    type = type_in(lib, mob, "tail");
    assert_true(type->kind == REFLECT_ARRAY && type->count == 0 && type->bytes == 0);
    type = type_in(lib, mob, "look");
    assert_string_equal(lib->table.types[type->of].name, "int");
    type = type_in(lib, mob, "tables"); // an array of a typedef of an array of arrays
    assert_true(type->count == 2 && lib->table.types[type->of].count == 2);
    assert_int_equal(type->bytes, 48);
    type = type_in(lib, mob, "on_hit");
    type = &lib->table.types[type->of];
    assert_true(type->kind == REFLECT_FUNCTION && type->of == 0 && type->member_count == 2);
    type = &lib->table.types[lib->table.members[type->first_member].type];
    assert_ptr_equal(&lib->table.types[type->of], mob);
}

static void check_enum(const Lib *lib, const ReflectType *type, uint64_t bytes, bool is_signed,
                       const char *name, int64_t value)
{
    assert_int_equal(type->kind, REFLECT_ENUM);
    assert_int_equal(type->bytes, bytes);
    assert_int_equal(lib->table.types[type->of].kind, REFLECT_INTEGER);
    assert_int_equal(lib->table.types[type->of].bytes, bytes);
    assert_int_equal(lib->table.types[type->of].is_signed, is_signed);
    for (uint32_t i = 0; i < type->enumerator_count; i++) {
        const ReflectEnumerator *one = &lib->table.enumerators[type->first_enumerator + i];
        if (strcmp(one->name, name) == 0) {
            assert_int_equal(one->value, value);
            return;
        }
    }
    fail_msg("%s: no enumerator %s", lib->path, name);
}

// Scenario: a struct of everything there is, gcc and clang, DWARF 4 and 5, all optimisations,
//           compressed, with types in a section of their own.
// Expect: members, bit-fields, arrays, enumerators are where this test's compiler puts them.
static void types_are_what_they_are(void **state)
{
    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        load(*state, &lib, FLAVOURS[i].name);
        const ReflectType *mob = tagged(&lib, REFLECT_STRUCT, "Mob");
        assert_ptr_equal(mob, type_of(&lib, "first.c", "mob"));
        check_places(&lib, mob);
        check_bit_fields(&lib, mob);
        check_kinds(&lib, mob);
        check_enum(&lib, type_in(&lib, mob, "color"), 4, true, "BLUE", -2);
        check_enum(&lib, type_in(&lib, mob, "big"), 4, false, "BIG_A", 0x80000000);
        check_enum(&lib, type_in(&lib, mob, "small"), 1, false, "SMALL_B", 200);
        assert_ptr_equal(type_in(&lib, mob, "color"), tagged(&lib, REFLECT_ENUM, "Color"));
        assert_ptr_equal(type_in(&lib, mob, "pos"), tagged(&lib, REFLECT_STRUCT, "Vec"));
        const ReflectType *turning = type_of(&lib, "first.c", "turning");
        assert_true(turning->kind == REFLECT_ARRAY && turning->count == 2 && turning->bytes == 16);
        const ReflectType *four = type_of(&lib, "first.c", "four");
        assert_true(four->kind == REFLECT_ARRAY && four->count == 4 && four->bytes == 16);
        assert_int_equal(type_of(&lib, "first.c", "many")->bytes, 96);
        assert_int_equal(type_of(&lib, "first.c", "shared_table")->count, 3);
        assert_int_equal(target_of(&lib, "first.c", "anything")->kind, REFLECT_UNKNOWN);
        assert_string_equal(type_of(&lib, "first.c", "count_long")->name, "long");
        assert_string_equal(type_of(&lib, "first.c", "count_unsigned")->name, "unsigned long");
        assert_string_equal(type_of(&lib, "first.c", "count_short")->name, "unsigned short");
        unload(&lib);
    }
}

// Scenario: a struct that one unit only declares; one tag for two structs; a tag that two other
//           units define differently, or none does.
// Expect: the first is the other unit's, the second stay apart, of the third nothing is claimed.
static void units_share_types(void **state)
{
    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        load(*state, &lib, FLAVOURS[i].name);
        assert_ptr_equal(target_of(&lib, "first.c", "the_owner"),
                         type_of(&lib, "second.c", "owner"));
        const ReflectType *node = tagged(&lib, REFLECT_STRUCT, "Node");
        assert_ptr_equal(&lib.table.types[type_in(&lib, node, "next")->of], node);
        const ReflectType *here = target_of(&lib, "first.c", "pair");
        const ReflectType *there = target_of(&lib, "second.c", "other_pair");
        assert_string_equal(here->name, "Pair");
        assert_string_equal(there->name, "Pair");
        assert_string_equal(lib.table.members[here->first_member].name, "a");
        assert_string_equal(lib.table.members[there->first_member].name, "b");
        const ReflectType *rival = target_of(&lib, "first.c", "rival");
        assert_true(rival->kind == REFLECT_STRUCT && rival->member_count == 0);
        assert_string_equal(rival->name, "Rival");
        assert_string_equal(target_of(&lib, "first.c", "nowhere")->name, "Nowhere");
        unload(&lib);
    }
}

// Scenario: the same source by every compiler, and sources that differ a little from it.
// Expect: shapes are the same in all of the first, and other ones in each of the second.
static void shapes_last_from_build_to_build(void **state)
{
    static const char *const BODIES[] = {
        "int a; float b; struct T *p;",
        "int b; float a; struct T *p;",
        "float b; int a; struct T *p;",
        "int a; double b; struct T *p;",
        "int a; float b; struct U *p;",
        "int a; float b; struct T *p; int c;",
        "int a : 8; float b; struct T *p;",
        "unsigned a; float b; struct T *p;",
        "int a; float b[1]; struct T *p;",
        "enum { ONE } a; float b; struct T *p;",
        "enum { TWO } a; float b; struct T *p;",
        "enum { TWO = 1 } a; float b; struct T *p;",
        "struct { int x; } a; float b; struct T *p;",
        "struct { int y; } a; float b; struct T *p;",
        "int a; float b; struct T *p[1];",
        "int a; float b; union U *p;",
        "int a; float b; void *p;",
        "int a; float b; void (*p)(void);",
    };
    Fixture *fixture = *state;
    uint64_t shapes[COUNT_OF(BODIES)], mob = 0;
    Lib lib;

    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        load(fixture, &lib, FLAVOURS[i].name);
        uint64_t shape = tagged(&lib, REFLECT_STRUCT, "Mob")->shape;
        assert_true(i == 0 || shape == mob);
        mob = shape;
        unload(&lib);
    }
    for (size_t i = 0; i < COUNT_OF(BODIES); i++) {
        write_text(fixture, "shape.c",
                   arena_format(&fixture->memory, "struct T { %s } it;\n", BODIES[i]));
        build(fixture, "shape.so", "gcc -g -O1", "shape.c");
        load(fixture, &lib, "shape.so");
        shapes[i] = type_of(&lib, "shape.c", "it")->shape;
        for (size_t j = 0; j < i; j++) {
            if (shapes[i] == shapes[j]) {
                fail_msg("%s as %s", BODIES[i], BODIES[j]);
            }
        }
        unload(&lib);
    }
}

// ------------------------------------------------------------------------------------- variables

static void check_at(const Lib *lib, const ReflectVariable *variable, uintptr_t address)
{
    uint64_t offset = 1;

    assert_int_equal(variable->address, address);
    assert_ptr_equal(reflect_variable_at(&lib->table, address, &offset), variable);
    assert_int_equal(offset, 0);
    assert_ptr_equal(reflect_variable_at(&lib->table, address + variable->bytes - 1, &offset),
                     variable);
    assert_int_equal(offset, variable->bytes - 1);
    assert_ptr_not_equal(reflect_variable_at(&lib->table, address + variable->bytes, NULL),
                         variable);
    assert_ptr_not_equal(reflect_variable_at(&lib->table, address - 1, NULL), variable);
}

// Scenario: globals, statics of units and of functions, some of one name, in nested blocks, in
//           functions that are inlined in several places of several units.
// Expect: each is there once, at the address that the code itself uses.
static void variables_are_where_they_are(void **state)
{
    static const char *const GLOBALS[] = {"the_owner", "shared_table", "origin", "chosen",
                                          "many",      "turning",      "four",   "pair"};

    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        load(*state, &lib, FLAVOURS[i].name);
        for (size_t g = 0; g < COUNT_OF(GLOBALS); g++) {
            const ReflectVariable *global = get(&lib, "first.c", "", GLOBALS[g], 0);
            check_at(&lib, global, (uintptr_t)symbol(&lib, GLOBALS[g]));
            assert_true(global->is_external);
        }
        check_at(&lib, get(&lib, "/second.c", "", "elsewhere", 0),
                 (uintptr_t)symbol(&lib, "elsewhere"));
        check_at(&lib, get(&lib, "first.c", "", "score", 0), ask(&lib, "scored", 0));
        check_at(&lib, get(&lib, "second.c", "", "score", 0), ask(&lib, "scored_too", 1));
        check_at(&lib, get(&lib, "first.c", "", "titles", 0), ask(&lib, "titled", 1));
        check_at(&lib, get(&lib, "first.c", "nested", "n", 0), ask(&lib, "nested", 0));
        check_at(&lib, get(&lib, "first.c", "nested", "n", 1), ask(&lib, "nested", 1));
        check_at(&lib, get(&lib, "first.c", "nested", "n", 2), ask(&lib, "nested", 2));
        check_at(&lib, get(&lib, "first.c", "uses", "used", 0), ask(&lib, "uses_of_first", 0));
        check_at(&lib, get(&lib, "second.c", "uses", "used", 0), ask(&lib, "uses_of_second", 0));
        assert_true(get(&lib, "first.c", "uses", "deep", 0)->address);
        const ReflectVariable *v = get(&lib, "first.c", "hidden", "v", 0);
        assert_true(v->address || v->piece_count);
        unload(&lib);
    }
}

// Scenario: constants, a thread's own, a flexible array with an initialiser, what is only declared
//           or is libc's.
// Expect: they say so; the array's elements count; the last two are not there.
static void variables_say_what_they_are(void **state)
{
    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        load(*state, &lib, FLAVOURS[i].name);
        assert_true(get(&lib, "first.c", "", "fixed", 0)->is_const);
        assert_true(get(&lib, "first.c", "", "origin", 0)->is_const);
        assert_true(get(&lib, "first.c", "", "names", 0)->is_const);
        assert_false(get(&lib, "first.c", "", "titles", 0)->is_const);
        assert_false(get(&lib, "first.c", "", "score", 0)->is_const);
        assert_false(get(&lib, "first.c", "", "score", 0)->is_external);
        const ReflectVariable *own = get(&lib, "first.c", "", "own", 0);
        assert_true(own->is_thread_local && own->address == 0 && own->piece_count == 0);
        const ReflectVariable *mob = get(&lib, "first.c", "", "mob", 0);
        assert_true(mob->bytes >= offsetof(Mob, tail) + 3 * sizeof(int));
        check_at(&lib, mob, ask(&lib, "mobbed", 0));
        assert_null(find(&lib, "", "", "stdout", 0));
        assert_null(find(&lib, "", "", "in_no_file", 0));
        assert_null(find(&lib, "first.c", "titled", "elsewhere", 0));
        assert_null(find(&lib, "first.c", "", "elsewhere", 0));
        assert_null(find(&lib, "second.c", "", "shared_table", 0));
        assert_null(find(&lib, "first.c", "nested", "k", 0));
        unload(&lib);
    }
}

// What the variable holds, from its pieces.
static void gather(const Lib *lib, const ReflectVariable *variable, uint8_t *out)
{
    memset(out, 0, variable->bytes);
    if (variable->address) {
        memcpy(out, (const void *)variable->address, variable->bytes);
    }
    for (uint32_t i = 0; i < variable->piece_count; i++) {
        const ReflectPiece *piece = &lib->table.pieces[variable->first_piece + i];
        uint64_t stored = 0, value;
        memcpy(&stored, (const void *)piece->address, piece->stored_bytes);
        value = (uint64_t)piece->base + (uint64_t)piece->factor * stored;
        memcpy(out + piece->offset, &value, piece->bytes);
    }
}

// Scenario: a struct whose members the optimiser may take apart, a number with two values that it
//           may keep in a byte, and a variable that is never read.
// Expect: the first two have their values, whole or in pieces, before and after the code changes
//         them; the third is listed where it has no address, too.
static void optimisers_take_variables_apart(void **state)
{
    bool is_apart = false, is_byte = false, is_dropped = false;

    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        struct {
            int x, y;
            float z;
        } cursor;
        int opening;
        Lib lib;
        load(*state, &lib, FLAVOURS[i].name);
        const ReflectVariable *its_cursor = get(&lib, "first.c", "", "cursor", 0);
        const ReflectVariable *its_opening = get(&lib, "first.c", "", "opening", 0);
        assert_int_equal(its_cursor->bytes, sizeof cursor);
        gather(&lib, its_cursor, (uint8_t *)&cursor);
        gather(&lib, its_opening, (uint8_t *)&opening);
        assert_true(cursor.x == 1 && cursor.y == 2 && (int)cursor.z == 3);
        assert_int_equal(opening, 7);
        assert_int_equal(((int (*)(int))symbol(&lib, "play"))(1), 2 * 10000 + 1 * 100 + 6);
        gather(&lib, its_cursor, (uint8_t *)&cursor);
        gather(&lib, its_opening, (uint8_t *)&opening);
        assert_true(cursor.x == 2 && cursor.y == 1 && (int)cursor.z == 6);
        assert_int_equal(opening, ((int (*)(void))symbol(&lib, "opened"))());
        assert_int_equal(opening, 3);
        is_apart |= its_cursor->piece_count == 3;
        is_byte |= its_opening->piece_count == 1;
        is_dropped |= get(&lib, "first.c", "", "dropped", 0)->address == 0;
        unload(&lib);
    }
    assert_true(is_apart && is_byte && is_dropped);
}

// Scenario: one source given to the compiler by several paths.
// Expect: the unit is called the same.
static void units_have_one_name(void **state)
{
    static const struct {
        const char *from, *path;
    } WAYS[] = {{".", "sub/unit.c"},      {".", "./sub/unit.c"},         {"sub", "unit.c"},
                {"sub", "../sub/unit.c"}, {"sub", ".././/sub/./unit.c"}, {".", NULL}};
    static const char *const COMPILERS[] = {"gcc", "clang"};
    Fixture *fixture = *state;
    char *wanted = realpath(fixture->folder, NULL);

    assert_non_null(wanted);
    assert_int_equal(mkdir(in_folder(fixture, "sub"), 0700), 0);
    write_text(fixture, "sub/unit.c", "int x = 3;\n");
    for (size_t i = 0; i < COUNT_OF(WAYS) * COUNT_OF(COMPILERS); i++) {
        const char *path = WAYS[i / 2].path ? WAYS[i / 2].path : in_folder(fixture, "sub/unit.c");
        Lib lib;
        run(fixture, WAYS[i / 2].from,
            arena_format(&fixture->memory, "%s -g -shared -fPIC %s -o %s", COMPILERS[i % 2], path,
                         in_folder(fixture, "unit.so")));
        load(fixture, &lib, "unit.so");
        assert_int_equal(lib.table.variable_count, 1);
        assert_string_equal(lib.table.variables[0].unit,
                            arena_format(&fixture->memory, "%s/sub/unit.c", wanted));
        unload(&lib);
    }
    free(wanted);
}

// ------------------------------------------------------------------------------------- functions

static const ReflectFunction *function_named(const Lib *lib, const char *unit, const char *name)
{
    for (uint32_t i = 0; i < lib->table.function_count; i++) {
        const ReflectFunction *function = &lib->table.functions[i];
        if (strcmp(function->name, name) == 0 && ends_with(function->unit, unit)) {
            return function;
        }
    }
    fail_msg("%s: no function %s", lib->path, name);
    return NULL;
}

// Scenario: exported and static functions.
// Expect: they are at their symbols' places and found by every address in them, with their types.
static void functions_are_where_they_are(void **state)
{
    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        load(*state, &lib, FLAVOURS[i].name);
        const ReflectFunction *nested = function_named(&lib, "first.c", "nested");
        const ReflectFunction *hidden = function_named(&lib, "first.c", "hidden");
        const ReflectFunction *talk = function_named(&lib, "first.c", "talk");
        assert_int_equal(nested->address, (uintptr_t)symbol(&lib, "nested"));
        assert_int_equal(hidden->address, *(uintptr_t *)symbol(&lib, "chosen"));
        assert_true(nested->is_external && !hidden->is_external);
        assert_ptr_equal(reflect_function_at(&lib.table, nested->address), nested);
        assert_ptr_equal(reflect_function_at(&lib.table, nested->address + 5), nested);
        assert_ptr_equal(reflect_function_at(&lib.table, hidden->address + hidden->bytes - 1),
                         hidden);
        assert_ptr_not_equal(reflect_function_at(&lib.table, hidden->address + hidden->bytes),
                             hidden);
        assert_null(reflect_function_at(&lib.table, 16));
        const ReflectType *type = &lib.table.types[hidden->type];
        assert_ptr_equal(type, target_of(&lib, "first.c", "chosen"));
        type = &lib.table.types[talk->type];
        assert_int_equal(type->member_count, 2);
        assert_string_equal(lib.table.members[type->first_member + 1].name, "...");
        assert_string_equal(function_named(&lib, "second.c", "scored_too")->name, "scored_too");
        unload(&lib);
    }
}

// Scenario: functions without parameters, variables and calls, by gcc and clang.
// Expect: they are listed as all others.
static void functions_with_nothing_in_them(void **state)
{
    static const char *const COMPILERS[] = {"gcc -g -O0", "gcc -g -O2", "clang -g -O0",
                                            "clang -g -O2"};
    Fixture *fixture = *state;
    Lib lib;

    write_text(fixture, "nothing.c",
               "static void idle(void) { } void (*chosen)(void) = idle;\n"
               "int seven(void) { return 7; }\n");
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        build(fixture, "nothing.so", COMPILERS[i], "nothing.c");
        load(fixture, &lib, "nothing.so");
        const ReflectFunction *idle = function_named(&lib, "nothing.c", "idle");
        assert_int_equal(idle->address, *(uintptr_t *)symbol(&lib, "chosen"));
        assert_ptr_equal(&lib.table.types[idle->type], target_of(&lib, "nothing.c", "chosen"));
        assert_int_equal(function_named(&lib, "nothing.c", "seven")->address,
                         (uintptr_t)symbol(&lib, "seven"));
        unload(&lib);
    }
}

// Scenario: gcc makes a copy of a function with fewer parameters, and only that stays.
// Expect: it is not listed by the function's name, under which nothing has all its parameters.
static void copies_of_functions_are_told_apart(void **state)
{
    static const char SOURCE[] =
        "volatile int sink;\n"
        "static __attribute__((noinline)) int scaled(int a, int unused, int by)\n"
        "{ sink += a; for (int i = 0; i < a; i++) sink += by * i; return a * by; }\n"
        "int first(int k) { return scaled(k, k * 3, 7) + scaled(k + 1, k, 7); }\n";
    Fixture *fixture = *state;
    Lib lib;
    bool is_copied = false;

    write_text(fixture, "copy.c", SOURCE);
    build(fixture, "copy.so", "gcc -g -O2", "copy.c");
    load(fixture, &lib, "copy.so");
    for (uint32_t i = 0; i < lib.table.function_count; i++) {
        const char *name = lib.table.functions[i].name;
        assert_string_not_equal(name, "scaled");
        is_copied |= strncmp(name, "scaled.", 7) == 0;
    }
    assert_true(is_copied);
    unload(&lib);
}

// Scenario: a function without parameters, variables and calls; one that is only declared.
// Expect: it is listed, though nothing lies in its entry; the other is not.
static void empty_functions_are_functions(void **state)
{
    static const char SOURCE[] =
        "static int count; extern __attribute__((weak)) void elsewhere(void);\n"
        "static void idle(void) { count++; }\n"
        "void (*does)(void) = idle;\n"
        "void turn(void) { if (count > 3) elsewhere(); }\n";
    static const char *const COMPILERS[] = {"gcc -g -O1", "clang -g -O1"};
    Fixture *fixture = *state;

    write_text(fixture, "empty.c", SOURCE);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        const char *name = arena_format(&fixture->memory, "empty%zu.so", i);
        Lib lib;
        build(fixture, name, COMPILERS[i], "empty.c");
        load(fixture, &lib, name);
        const ReflectFunction *idle = function_named(&lib, "empty.c", "idle");
        assert_int_equal(idle->address, *(uintptr_t *)symbol(&lib, "does"));
        assert_int_equal(lib.table.function_count, 2);
        unload(&lib);
    }
}

// Scenario: colours as the API has them: in a struct, const, in an array, behind a pointer, in two
//           units; another typedef of the same number.
// Expect: one type of its own, an integer; the other is the number.
static void colours_have_a_type(void **state)
{
    static const char HEAD[] =
        "#include <stdint.h>\ntypedef uint32_t hl_color; typedef uint32_t id;\n"
        "struct Thing { hl_color fur; const hl_color eyes; hl_color coat[3], *skin; id number; "
        "};\n";
    Fixture *fixture = *state;
    Lib lib;

    write_text(fixture, "head.h", HEAD);
    write_text(fixture, "one.c", "#include \"head.h\"\nhl_color paper = 1; struct Thing thing;\n");
    write_text(fixture, "two.c", "#include \"head.h\"\nvolatile hl_color ink = 1; id next = 1;\n");
    build(fixture, "colours.so", "gcc -g -O1", "one.c two.c");
    load(fixture, &lib, "colours.so");
    const ReflectType *color = type_of(&lib, "one.c", "paper");
    const ReflectType *thing = type_of(&lib, "one.c", "thing");
    assert_string_equal(color->name, "hl_color");
    assert_true(color->kind == REFLECT_INTEGER && color->bytes == 4 && !color->is_signed);
    assert_ptr_equal(type_of(&lib, "two.c", "ink"), color);
    assert_ptr_equal(type_in(&lib, thing, "fur"), color);
    assert_ptr_equal(type_in(&lib, thing, "eyes"), color);
    assert_ptr_equal(&lib.table.types[type_in(&lib, thing, "coat")->of], color);
    assert_ptr_equal(&lib.table.types[type_in(&lib, thing, "skin")->of], color);
    assert_string_equal(type_in(&lib, thing, "number")->name, "unsigned int");
    assert_string_equal(type_of(&lib, "two.c", "next")->name, "unsigned int");
    unload(&lib);
}

// ----------------------------------------------------------------------------------------- paths

typedef struct PathVec {
    float x, y;
} PathVec;
typedef struct PathWorld {
    char level;
    long score;
    struct {
        int hp;
        PathVec pos;
        char name[4];
    } enemies[5];
    union {
        int id;
        char raw[8];
    };
    unsigned a : 4, b : 12;
    int grid[2][3];
    int tail[];
} PathWorld;

// Scenario: bytes within nested structs, arrays, unions, bit-fields, and between members.
// Expect: what a programmer would write; nothing for the first byte; no more than is known.
static void places_have_paths(void **state)
{
    static const char SOURCE[] =
        "struct World { char level; long score;\n"
        "    struct { int hp; struct { float x, y; } pos; char name[4]; } enemies[5];\n"
        "    union { int id; char raw[8]; }; unsigned a : 4, b : 12; int grid[2][3]; int tail[]; "
        "};\n"
        "struct World world; struct World *lots[4];\n";
    static const struct {
        uint64_t offset;
        const char *path;
    } WANTED[] = {{0, ""},
                  {1, ""}, // padding
                  {offsetof(PathWorld, score), "score"},
                  {offsetof(PathWorld, score) + 3, "score"},
                  {offsetof(PathWorld, enemies), "enemies[0].hp"},
                  {offsetof(PathWorld, enemies[3].pos.x), "enemies[3].pos.x"},
                  {offsetof(PathWorld, enemies[4].pos.y) + 1, "enemies[4].pos.y"},
                  {offsetof(PathWorld, enemies[4].name[2]), "enemies[4].name[2]"},
                  {offsetof(PathWorld, id), "id"},
                  {offsetof(PathWorld, raw[5]), "raw[5]"},
                  {offsetof(PathWorld, raw) + 8, "a"},
                  {offsetof(PathWorld, raw) + 9, "b"},
                  {offsetof(PathWorld, grid[1][2]), "grid[1][2]"},
                  {offsetof(PathWorld, tail[7]), "tail[7]"}};
    Fixture *fixture = *state;
    char path[64], cut[6];
    Lib lib;

    write_text(fixture, "path.c", SOURCE);
    build(fixture, "path.so", "gcc -g -O0", "path.c");
    load(fixture, &lib, "path.so");
    uint32_t type = get(&lib, "path.c", "", "world", 0)->type;
    for (size_t i = 0; i < COUNT_OF(WANTED); i++) {
        reflect_path(&lib.table, type, WANTED[i].offset, path, sizeof path);
        assert_string_equal(path, WANTED[i].path);
    }
    reflect_path(&lib.table, type, offsetof(PathWorld, enemies[3].pos.x), cut, sizeof cut);
    assert_string_equal(cut, "enemi");
    reflect_path(&lib.table, get(&lib, "path.c", "", "lots", 0)->type, 17, path, sizeof path);
    assert_string_equal(path, "[2]");
    reflect_path(&lib.table, 0, 17, path, sizeof path);
    assert_string_equal(path, "");
    unload(&lib);
}

// --------------------------------------------------------------------------------- what is not so

// Scenario: no debug information, or one of lines alone; one that lies elsewhere.
// Expect: empty tables; a fault that says why and what to do.
static void what_has_no_table(void **state)
{
    Fixture *fixture = *state;
    ReflectTable table;
    Fault fault = {0};

    assert_true(reflect_table(NULL, &fixture->memory, &table, &fault));
    assert_true(table.is_empty);
    assert_int_equal(table.variable_count, 0);
    assert_int_equal(table.type_count, 1);
    assert_int_equal(table.types[0].kind, REFLECT_UNKNOWN);
    assert_null(reflect_variable_at(&table, (uintptr_t)&fault, NULL));
    assert_null(reflect_function_at(&table, (uintptr_t)&fault));

    for (size_t i = 0; i < 2; i++) {
        Lib lib;
        build(fixture, "lines.so", i ? "clang -g1 -O1" : "gcc -g1 -O1", "first.c second.c");
        load(fixture, &lib, "lines.so");
        assert_true(lib.table.is_empty);
        assert_int_equal(lib.table.variable_count, 0);
        unload(&lib);
    }
    build(fixture, "split.so", "gcc -O1 -g -gsplit-dwarf", "second.c");
    Reflect *reflect = reflect_open(in_folder(fixture, "split.so"), 0x10000, &fault);
    assert_non_null(reflect);
    assert_false(reflect_table(reflect, &fixture->memory, &table, &fault));
    assert_int_equal(fault.kind, FAULT_FORMAT);
    assert_non_null(strstr(fault.text, "split.so"));
    assert_non_null(strstr(fault.text, "-gsplit-dwarf"));
    assert_true(table.is_empty);
    reflect_close(reflect);
}

// Scenario: the compiler sees the whole library at once (-flto).
// Expect: variables and functions are of the units they were written in.
static void one_unit_of_all(void **state)
{
    Fixture *fixture = *state;
    Lib lib;

    build(fixture, "lto.so", "gcc -g -O1 -flto", "first.c second.c");
    load(fixture, &lib, "lto.so");
    check_at(&lib, get(&lib, "first.c", "", "shared_table", 0),
             (uintptr_t)symbol(&lib, "shared_table"));
    check_at(&lib, get(&lib, "second.c", "", "score", 0), ask(&lib, "scored_too", 1));
    check_at(&lib, get(&lib, "first.c", "nested", "n", 2), ask(&lib, "nested", 2));
    assert_int_equal(function_named(&lib, "first.c", "nested")->address,
                     (uintptr_t)symbol(&lib, "nested"));
    unload(&lib);
}

// Reads the table of a file that may be damaged, and looks at all that it leads to.
static void read_damaged(Fixture *fixture, const char *path, const ReflectTable *sound)
{
    size_t used = fixture->memory.used_bytes;
    Fault fault = {0};
    ReflectTable table;
    Reflect *reflect = reflect_open(path, 0x100000, &fault);
    char text[64];

    if (!reflect || !reflect_table(reflect, &fixture->memory, &table, &fault)) {
        assert_true(fault.text[0]);
        assert_true(!reflect || fault.kind == FAULT_FORMAT || fault.kind == FAULT_MEMORY);
        reflect_close(reflect);
        arena_reset(&fixture->memory, used);
        return;
    }
    reflect_close(reflect);
    for (uint32_t i = 0; i < table.type_count; i++) {
        const ReflectType *type = &table.types[i];
        assert_true(type->of < table.type_count && strlen(type->name) < 1 << 20);
        assert_true(type->first_member + type->member_count <= table.member_count);
        assert_true(type->first_enumerator + type->enumerator_count <= table.enumerator_count);
        for (uint64_t offset = 0; offset < 40; offset += 3) {
            reflect_path(&table, i, offset, text, sizeof text);
        }
    }
    for (uint32_t i = 0; i < table.member_count; i++) {
        assert_true(table.members[i].type < table.type_count);
    }
    for (uint32_t i = 0; i < table.variable_count; i++) {
        const ReflectVariable *variable = &table.variables[i];
        assert_true(variable->type < table.type_count);
        assert_true(variable->first_piece + variable->piece_count <= table.piece_count
                    || variable->piece_count == 0);
        assert_true(i == 0 || variable->address >= variable[-1].address);
        if (variable->address) { // within what the file has in memory
            assert_true(variable->address >= 0x100000 && variable->address < 0x200000);
            assert_true(variable->bytes < 0x100000);
        }
    }
    for (uint32_t i = 0; i < table.function_count; i++) {
        assert_true(table.functions[i].type < table.type_count);
    }
    assert_true(table.variable_count < sound->variable_count + 1000);
    arena_reset(&fixture->memory, used);
}

// Scenario: a library cut off at every 64th byte.
// Expect: a fault, or a table of less.
static void cut_off_anywhere(void **state)
{
    Fixture *fixture = *state;
    FileBytes bytes;
    Fault fault = {0};
    Lib lib;
    const char *path = in_folder(fixture, "cut.so");

    load(fixture, &lib, "tg51.so");
    assert_true(file_read(&fixture->memory, lib.path, 64u << 20, &bytes, &fault));
    for (size_t length = 0; length < bytes.size_bytes; length += 64) {
        write_file(path, bytes.data, length);
        read_damaged(fixture, path, &lib.table);
    }
    unload(&lib);
}

// Where the sections are that the table is made from.
static size_t debug_ranges(const uint8_t *bytes, size_t ranges[][2], size_t max)
{
    static const char *const NAMES[] = {
        ".debug_info",   ".debug_abbrev",      ".debug_str", ".debug_line_str", ".debug_addr",
        ".debug_ranges", ".debug_str_offsets", ".symtab",    ".debug_rnglists", ".debug_types"};
    Elf64_Ehdr head;
    Elf64_Shdr names, section;
    size_t count = 0;

    memcpy(&head, bytes, sizeof head);
    memcpy(&names, bytes + head.e_shoff + head.e_shstrndx * sizeof names, sizeof names);
    for (size_t i = 0; i < head.e_shnum; i++) {
        memcpy(&section, bytes + head.e_shoff + i * sizeof section, sizeof section);
        const char *name = (const char *)bytes + names.sh_offset + section.sh_name;
        for (size_t n = 0; n < COUNT_OF(NAMES) && count < max; n++) {
            if (strcmp(name, NAMES[n]) == 0) {
                ranges[count][0] = section.sh_offset;
                ranges[count++][1] = section.sh_size;
            }
        }
    }
    return count;
}

// Scenario: bits of the debug information are turned over, some at a time, a few hundred times,
//           gcc's and clang's, DWARF 4 and 5. REFLECT_TEST_ROUNDS=N[:seed] in the environment: N
//           times.
// Expect: a fault, or a table that holds together: no crash and no endless loop.
static void bits_turned_over(void **state)
{
    static const char *const FILES[] = {"tg41.so", "tg52.so", "tc42.so", "tc51.so", "tt4.so"};
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "turned.so");
    const char *wanted = getenv("REFLECT_TEST_ROUNDS");
    int rounds = wanted ? atoi(wanted) : 150;
    unsigned seed = wanted && strchr(wanted, ':') ? (unsigned)atoi(strchr(wanted, ':') + 1) : 7;

    for (size_t f = 0; f < COUNT_OF(FILES); f++) {
        FileBytes bytes;
        Fault fault = {0};
        size_t ranges[32][2], count;
        Lib lib;
        load(fixture, &lib, FILES[f]);
        assert_true(file_read(&fixture->memory, lib.path, 64u << 20, &bytes, &fault));
        uint8_t *broken = arena_push(&fixture->memory, bytes.size_bytes, 16, 1);
        count = debug_ranges(bytes.data, ranges, COUNT_OF(ranges));
        assert_true(count > 3);
        for (int round = 0; round < rounds; round++) {
            memcpy(broken, bytes.data, bytes.size_bytes);
            for (int i = 0; i < 1 + round % 12; i++) {
                const size_t *range = ranges[(unsigned)rand_r(&seed) % count];
                broken[range[0] + (unsigned)rand_r(&seed) % range[1]] ^=
                    (uint8_t)(1u << ((unsigned)rand_r(&seed) % 8));
            }
            write_file(path, broken, bytes.size_bytes);
            read_damaged(fixture, path, &lib.table);
        }
        unload(&lib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_what_they_are),
        cmocka_unit_test(units_share_types),
        cmocka_unit_test(shapes_last_from_build_to_build),
        cmocka_unit_test(variables_are_where_they_are),
        cmocka_unit_test(variables_say_what_they_are),
        cmocka_unit_test(optimisers_take_variables_apart),
        cmocka_unit_test(units_have_one_name),
        cmocka_unit_test(functions_are_where_they_are),
        cmocka_unit_test(functions_with_nothing_in_them),
        cmocka_unit_test(copies_of_functions_are_told_apart),
        cmocka_unit_test(empty_functions_are_functions),
        cmocka_unit_test(colours_have_a_type),
        cmocka_unit_test(places_have_paths),
        cmocka_unit_test(what_has_no_table),
        cmocka_unit_test(one_unit_of_all),
        cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(bits_turned_over),
    };
    return cmocka_run_group_tests(tests, open_everything, close_fixture);
}
