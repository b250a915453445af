#include "reflect_table_testing.h"

// What types and names there can be, by each compiler: alignment, typedefs, HL_WAS, types that no
// variable is of, types that several units know.

static const char *const COMPILERS[] = {
    "gcc -gdwarf-4 -O0",   "gcc -gdwarf-5 -O2", "clang -gdwarf-4 -O2",
    "clang -gdwarf-5 -O0", "gcc -gdwarf-5 -O3", "clang -gdwarf-5 -O1",
};
#define INCLUDE_API " -I" TEST_SOURCE_DIR "/engine/api"

static int open_folder(void **state)
{
    static Fixture fixture;

    open_fixture(&fixture);
    *state = &fixture;
    return 0;
}

// A member by name, those of anonymous members too; *offset: its first bit, from the start.
static const ReflectMember *inner_member(const Lib *lib, const ReflectType *type, const char *name,
                                         uint64_t *offset)
{
    for (uint32_t i = 0; i < type->member_count; i++) {
        const ReflectMember *member = &lib->table.members[type->first_member + i];
        const ReflectMember *inner = member;
        *offset += member->offset_bits;
        if (!member->name[0]) {
            inner = inner_member(lib, &lib->table.types[member->type], name, offset);
        } else if (strcmp(member->name, name) != 0) {
            inner = NULL;
        }
        if (inner) {
            return inner;
        }
        *offset -= member->offset_bits;
    }
    return NULL;
}

// ------------------------------------------------------------------------------------- alignment

static const char ALIGNED[] =
    "typedef float Four __attribute__((vector_size(16)));\n"
    "typedef float Eight __attribute__((vector_size(32)));\n"
    "struct Plain { int x; double y; long double z; };\n"
    "typedef struct Plain Wide __attribute__((aligned(64)));\n"
    "typedef int WideInt __attribute__((aligned(32)));\n"
    "struct Member { _Alignas(32) int x; };\n"
    "struct Typed { char c; WideInt y; };\n"
    "struct Vector { Four v; };\n"
    "struct Vectors { Eight v; char c; };\n"
    "struct __attribute__((aligned(128))) Whole { int x; };\n"
    "struct Inner { Wide s; };\n"
    "struct Arrays { char c; struct Whole e[2]; };\n"
    "struct Deep { char c; union { struct { struct Member q; }; int k; } u[3]; };\n"
    "typedef struct { int x[32]; } __attribute__((aligned(64))) Named;\n"
    "union Either { Four v; int i; };\n"
    "struct __attribute__((packed)) Packed { char c; Four v; };\n"
    "struct __attribute__((packed)) Tail { Four v; char c; };\n"
    "struct Pointer { struct Whole *p; };\n"
    "struct Plain plain; struct Member member; struct Typed typed; struct Vector vector;\n"
    "struct Vectors vectors; struct Whole whole; struct Inner inner; struct Arrays arrays;\n"
    "struct Deep deep; Named named; union Either either; struct Packed packed; struct Tail tail;\n"
    "struct Pointer pointer;\n"
    "#define A(v) __alignof__(__typeof__(v))\n"
    "const int aligns[] = {A(member), A(typed), A(vector), A(vectors), A(whole), A(inner),\n"
    "    A(arrays), A(deep), A(named), A(either)};\n";

// Scenario: what is aligned by _Alignas, attributes, typedefs and vectors: itself, in a member, in
//           an array, deep inside; packed structs, and pointers to aligned ones.
// Expect: what the compiler says; nothing special for those that only have what others have.
static void alignment_is_known(void **state)
{
    static const char *const SPECIAL[] = {"member", "typed",  "vector", "vectors", "whole",
                                          "inner",  "arrays", "deep",   "named",   "either"};
    static const char *const PLAIN[] = {"plain", "packed", "tail", "pointer", "aligns"};
    Fixture *fixture = *state;

    write_text(fixture, "aligned.c", ALIGNED);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "aligned.so", COMPILERS[i], "aligned.c");
        load(fixture, &lib, "aligned.so");
        const int *aligns = symbol(&lib, "aligns");
        for (size_t s = 0; s < COUNT_OF(SPECIAL); s++) {
            const ReflectType *type = type_of(&lib, "aligned.c", SPECIAL[s]);
            if (type->align != (uint32_t)aligns[s] || aligns[s] < 16) {
                fail_msg("%s: %s: %u, not %d", COMPILERS[i], SPECIAL[s], type->align, aligns[s]);
            }
        }
        for (size_t p = 0; p < COUNT_OF(PLAIN); p++) {
            assert_int_equal(type_of(&lib, "aligned.c", PLAIN[p])->align, 0);
        }
        unload(&lib);
    }
}

// Scenario: a struct that its typedef aligns, which gcc says and clang 14 does not.
// Expect: the struct is aligned where it has no name but that.
static void typedefs_may_align(void **state)
{
    Fixture *fixture = *state;
    Lib lib;

    write_text(fixture, "named.c",
               "typedef struct { int x[32]; } Named __attribute__((aligned(64))); Named named;\n");
    build(fixture, "named.so", "gcc -g -O1", "named.c");
    load(fixture, &lib, "named.so");
    assert_int_equal(tagged(&lib, REFLECT_STRUCT, "Named")->align, 64);
    unload(&lib);
}

// Scenario: two units that know a struct with the same members, one of them aligned.
// Expect: one type, aligned; its shape is that of the other.
static void alignment_is_no_shape(void **state)
{
    Fixture *fixture = *state;
    Lib lib;

    write_text(fixture, "one.c", "struct S { int x[16]; } one, *to_one = &one;\n");
    write_text(fixture, "two.c",
               "struct __attribute__((aligned(64))) S { int x[16]; } two, *to_two = &two;\n");
    build(fixture, "two.so", "gcc -g -O1", "one.c two.c");
    load(fixture, &lib, "two.so");
    assert_ptr_equal(type_of(&lib, "one.c", "one"), type_of(&lib, "two.c", "two"));
    assert_int_equal(type_of(&lib, "one.c", "one")->align, 64);
    uint64_t shape = type_of(&lib, "one.c", "one")->shape;
    unload(&lib);
    build(fixture, "one.so", "gcc -g -O1", "one.c");
    load(fixture, &lib, "one.so");
    assert_int_equal(type_of(&lib, "one.c", "one")->align, 0);
    assert_int_equal(type_of(&lib, "one.c", "one")->shape, shape);
    unload(&lib);
}

// ----------------------------------------------------------------------------------------- names

// The type that `name` is another name of; `nth` of several. NULL: there is none.
static const ReflectType *alias(const Lib *lib, const char *name, uint32_t nth)
{
    for (uint32_t i = 0; i < lib->table.alias_count; i++) {
        const ReflectAlias *one = &lib->table.aliases[i];
        assert_true(i == 0 || strcmp(one[-1].name, one->name) <= 0);
        if (strcmp(one->name, name) == 0 && nth-- == 0) {
            return &lib->table.types[one->type];
        }
    }
    return NULL;
}

// Scenario: typedefs of numbers, structs, enums, pointers, arrays, functions, typedefs; of what has
//           no name of its own; the same in two units, and two of one name; one that only a
//           function has, and one that nothing is of.
// Expect: each leads to its type, once; what is only the type's own name is not there.
static void typedefs_are_known(void **state)
{
    static const char ONE[] =
        "#include <stdint.h>\n"
        "typedef float Scalar;\n"
        "typedef struct Mob { Scalar x; uint8_t n; } Mob;\n"
        "typedef Mob MobAlias; typedef const MobAlias Fixed;\n"
        "typedef struct { int i; } Nameless; typedef Nameless Other;\n"
        "typedef enum { LOW, HIGH } Level; typedef Level Height;\n"
        "typedef Mob *MobRef; typedef int Row[4]; typedef int Act(int);\n"
        "typedef short Differs;\n"
        "MobAlias mob; Fixed fixed; Other other; Height height; MobRef ref;\n"
        "Row row; Act *act; Differs differs_one;\n"
        "void *f(void *p) { typedef Mob Within; return ((Within *)p) + 1; }\n";
    static const char TWO[] = "#include <stdint.h>\n"
                              "typedef float Scalar;\n"
                              "typedef double Differs;\n"
                              "Scalar scalar; uint8_t small; Differs differs_two;\n";
    Fixture *fixture = *state;

    write_text(fixture, "one.c", ONE);
    write_text(fixture, "two.c", TWO);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "alias.so", COMPILERS[i], "one.c two.c");
        load(fixture, &lib, "alias.so");
        const ReflectType *mob = tagged(&lib, REFLECT_STRUCT, "Mob");
        assert_ptr_equal(alias(&lib, "Scalar", 0), type_in(&lib, mob, "x"));
        assert_null(alias(&lib, "Scalar", 1));
        assert_ptr_equal(alias(&lib, "uint8_t", 0), type_in(&lib, mob, "n"));
        assert_string_equal(alias(&lib, "uint8_t", 0)->name, "unsigned char");
        assert_ptr_equal(alias(&lib, "MobAlias", 0), mob);
        assert_ptr_equal(alias(&lib, "Fixed", 0), mob);
        assert_ptr_equal(alias(&lib, "Within", 0), mob);
        assert_null(alias(&lib, "Mob", 0));
        assert_null(alias(&lib, "Nameless", 0));
        assert_ptr_equal(alias(&lib, "Other", 0), tagged(&lib, REFLECT_STRUCT, "Nameless"));
        assert_null(alias(&lib, "Level", 0));
        assert_ptr_equal(alias(&lib, "Height", 0), tagged(&lib, REFLECT_ENUM, "Level"));
        assert_ptr_equal(alias(&lib, "MobRef", 0), type_of(&lib, "one.c", "ref"));
        assert_ptr_equal(alias(&lib, "Row", 0), type_of(&lib, "one.c", "row"));
        assert_ptr_equal(alias(&lib, "Act", 0), target_of(&lib, "one.c", "act"));
        const ReflectType *first = alias(&lib, "Differs", 0), *second = alias(&lib, "Differs", 1);
        assert_true(first && second && first != second && !alias(&lib, "Differs", 2));
        assert_int_equal(first->bytes + second->bytes, 2 + 8);
        unload(&lib);
    }
}

static bool has_rename(const Lib *lib, const char *type, const char *name, const char *old)
{
    for (uint32_t i = 0; i < lib->table.rename_count; i++) {
        const ReflectRename *one = &lib->table.renames[i];
        if (strcmp(one->type, type) == 0 && strcmp(one->name, name) == 0
            && strcmp(one->old, old) == 0) {
            return true;
        }
    }
    return false;
}

static const char RENAMED[] =
    "#include \"hotloop.h\"\n"
    "struct Raw { int z; };\n"
    "union Blob { int whole; char parts[4]; };\n"
    "typedef struct Mob {\n"
    "    int health; float items[4]; struct Mob *next; struct Raw raw;\n"
    "    unsigned bits : 3; _Bool flag : 1; void (*act)(int);\n"
    "    union { int inner; float other; }; const char name[8]; int tail[];\n"
    "} Mob;\n"
    "HL_WAS(Mob, health, hp);\n"
    "HL_WAS(struct Mob, flag, linux);\n";

// Scenario: HL_WAS of every kind of field, in a header of two units and in one of them; unused
//           sections are thrown away; other compilers.
// Expect: every one of them, once.
static void renames_are_known(void **state)
{
    static const char USES[] =
        "#include \"renamed.h\"\n"
        "HL_WAS(Mob, items, bag); HL_WAS(Mob, next, link); HL_WAS(Mob, raw, cooked);\n"
        "HL_WAS(Mob, bits, flags); HL_WAS(Mob, act, on_hit); HL_WAS(Mob, inner, id);\n"
        "HL_WAS(Mob, name, title); HL_WAS(Mob, tail, rest); HL_WAS(struct Raw, z, y);\n"
        "HL_WAS(union Blob, parts, bytes); HL_WAS(Mob, raw.z, depth);\n"
        "Mob mob;\n";
    static const char *const WANTED[][3] = {
        {"Mob", "health", "hp"},   {"Mob", "flag", "linux"}, {"Mob", "items", "bag"},
        {"Mob", "next", "link"},   {"Mob", "raw", "cooked"}, {"Mob", "bits", "flags"},
        {"Mob", "act", "on_hit"},  {"Mob", "inner", "id"},   {"Mob", "name", "title"},
        {"Mob", "tail", "rest"},   {"Raw", "z", "y"},        {"Blob", "parts", "bytes"},
        {"Mob", "raw.z", "depth"},
    };
    Fixture *fixture = *state;

    write_text(fixture, "renamed.h", RENAMED);
    write_text(fixture, "one.c", USES);
    write_text(fixture, "two.c", "#include \"renamed.h\"\nMob second;\n");
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "was.so",
              arena_format(&fixture->memory,
                           "%s -Wall -Wextra -Wpedantic -Werror -ffunction-sections "
                           "-fdata-sections -Wl,--gc-sections" INCLUDE_API,
                           COMPILERS[i]),
              "one.c two.c");
        load(fixture, &lib, "was.so");
        assert_int_equal(lib.table.rename_count, COUNT_OF(WANTED));
        for (size_t w = 0; w < COUNT_OF(WANTED); w++) {
            assert_true(has_rename(&lib, WANTED[w][0], WANTED[w][1], WANTED[w][2]));
        }
        unload(&lib);
    }
}

// Scenario: the section holds what is none: empty, without a dot, without a sign, too long, not
//           ended.
// Expect: only what can be one is there.
static void what_is_no_rename(void **state)
{
    static const char SOURCE[] =
        "#define PUT(n, text) static const char n[] __attribute__((section(\"hl_was\"), used)) = "
        "text\n"
        "PUT(a, \"\"); PUT(b, \"Mob\"); PUT(c, \"Mob.hp\"); PUT(d, \".hp=a\"); PUT(e, "
        "\"Mob.=a\");\n"
        "PUT(f, \"Mob.hp=\"); PUT(g, \"struct .hp=a\"); PUT(h, \"Mob.hp=life\"); PUT(i, \"=.\");\n"
        "PUT(j, \"Long.\" L L L L L \"=x\");\n"
        "static const char z[3] __attribute__((section(\"hl_was\"), used)) = \"M.n\";\n"
        "struct Mob { int hp; } mob;\n";
    Fixture *fixture = *state;
    char line[256];
    Lib lib;

    memset(line, 'x', sizeof line - 1);
    line[sizeof line - 1] = 0;
    write_text(fixture, "odd.c",
               arena_format(&fixture->memory, "#define L \"%s\"\n%s", line, SOURCE));
    build(fixture, "odd.so", "gcc -g -O1", "odd.c");
    load(fixture, &lib, "odd.so");
    assert_int_equal(lib.table.rename_count, 1);
    assert_true(has_rename(&lib, "Mob", "hp", "life"));
    unload(&lib);
}

// ------------------------------------------------------------------------- types of no variable

// Scenario: structs that the game only allocates, only casts to, only has in one function, only has
//           inlined; a struct of no name but the typedef's.
// Expect: all are in the table with their members, by every compiler.
static void types_that_are_only_used(void **state)
{
    static const char SOURCE[] =
        "#include \"hotloop.h\"\n"
        "typedef struct Spark { float x, y; int life; } Spark;\n"
        "struct Ember { double heat; };\n"
        "typedef struct { int ash; } Ash;\n"
        "typedef struct Cast { int cast; } Cast;\n"
        "typedef struct Kept { void *a, *b; } Kept;\n"
        "void *make(hl_tick *t, int n)\n"
        "{\n"
        "    struct Local { int local; };\n"
        "    Kept *k = hl_new(t, Kept, 1);\n"
        "    k->a = hl_new(t, Spark, n);\n"
        "    k->b = hl_new(t, Ash, n);\n"
        "    k->b = hl_new(t, struct Ember, 1);\n"
        "    k->b = hl_new(t, struct Local, 5);\n"
        "    return k;\n"
        "}\n"
        "int cast(void *p) { return ((const Cast *)p)->cast; }\n"
        "static inline void *inlined(hl_tick *t)\n"
        "{\n"
        "    typedef struct { int inner; } Inner;\n"
        "    return hl_new(t, Inner, 2);\n"
        "}\n"
        "void *uses(hl_tick *t) { return inlined(t); }\n"
        "void *uses_too(hl_tick *t) { return inlined(t); }\n"
        "void *hl_alloc(hl_tick *t, const char *type, size_t size, size_t align, size_t count)\n"
        "{ return 0; }\n";
    static const char *const WANTED[][2] = {
        {"Spark", "life"}, {"Ember", "heat"},  {"Ash", "ash"},     {"Cast", "cast"},
        {"Kept", "b"},     {"Local", "local"}, {"Inner", "inner"},
    };
    Fixture *fixture = *state;

    write_text(fixture, "used.c", SOURCE);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "used.so", arena_format(&fixture->memory, "%s" INCLUDE_API, COMPILERS[i]),
              "used.c");
        load(fixture, &lib, "used.so");
        for (size_t w = 0; w < COUNT_OF(WANTED); w++) {
            const ReflectType *type = tagged(&lib, REFLECT_STRUCT, WANTED[w][0]);
            (void)member_of(&lib, type, WANTED[w][1]);
        }
        unload(&lib);
    }
}

// --------------------------------------------------------------------------- bits and qualifiers

#define BIT_FIELDS(X)                                                                              \
    X(a) X(b) X(c) X(d) X(e) X(f) X(g) X(h) X(i) X(j) X(k) X(l) X(m) X(n) X(o) X(p) X(q) X(r)
static const char BITS[] =
    "enum Mood { CALM, ANGRY, SAD }; typedef _Bool Flag;\n"
    "struct Bits {\n"
    "    unsigned a : 3; int b : 12; unsigned long c : 40; _Bool d : 1; unsigned long long e : "
    "33;\n"
    "    enum Mood f : 2; signed char g : 7; short h : 9; unsigned : 0; unsigned i : 1;\n"
    "    char between; unsigned j : 5, k : 32; const unsigned l : 6; volatile int m : 31;\n"
    "    Flag n : 1; unsigned long long o : 64; union { unsigned p : 11; char raw; };\n"
    "    struct __attribute__((packed)) { char x; unsigned q : 13; unsigned r : 27; };\n"
    "};\n"
    "struct Bits none;\n";

// Scenario: bit-fields of every type and size, across storage, after a gap, in unions and packed
//           structs; each is set in a variable of its own.
// Expect: the bits that are set there are those that the table says; one shape, by any compiler.
static void bits_are_where_they_are(void **state)
{
#define NAME_OF(name)     #name,
#define VARIABLE_OF(name) "struct Bits only_" #name " = {." #name " = -1};\n"
    static const char *const NAMES[] = {BIT_FIELDS(NAME_OF)};
    Fixture *fixture = *state;
    uint64_t shape = 0;

    write_text(fixture, "bits.c",
               arena_format(&fixture->memory, "%s%s", BITS, BIT_FIELDS(VARIABLE_OF)));
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "bits.so", COMPILERS[i], "bits.c");
        load(fixture, &lib, "bits.so");
        const ReflectType *bits = type_of(&lib, "bits.c", "none");
        assert_true(i == 0 || bits->shape == shape);
        shape = bits->shape;
        for (size_t n = 0; n < COUNT_OF(NAMES); n++) {
            uint64_t offset = 0;
            const ReflectMember *member = inner_member(&lib, bits, NAMES[n], &offset);
            const uint8_t *bytes =
                symbol(&lib, arena_format(&fixture->memory, "only_%s", NAMES[n]));
            assert_non_null(member);
            const uint64_t size =
                member->bit_size ? member->bit_size : lib.table.types[member->type].bytes * 8;
            for (uint64_t bit = 0; bit < bits->bytes * 8; bit++) {
                bool is_set = bytes[bit / 8] >> bit % 8 & 1;
                if (is_set != (bit >= offset && bit < offset + size)) {
                    fail_msg("%s: bit %u of %s", COMPILERS[i], (unsigned)bit, NAMES[n]);
                }
            }
        }
        unload(&lib);
    }
}

// Scenario: const, volatile, restrict and _Atomic, on structs, numbers, arrays, pointers and
//           typedefs, one upon the other.
// Expect: the types are those without; a variable of them is const where it cannot be written.
static void qualifiers_change_no_type(void **state)
{
    static const char SOURCE[] =
        "typedef struct P { int x, y; } P; typedef const P Fixed; typedef volatile Fixed Both;\n"
        "typedef int Row[3]; typedef const Row Rows[2];\n"
        "struct Q {\n"
        "    P p; const P cp; volatile P vp; _Atomic(P) ap; Fixed f; Both b; P *const restrict q;\n"
        "    const P *cq; int i; const volatile int cv; _Atomic int ai; Row row; const Row crow;\n"
        "};\n"
        "struct Q q; Fixed fixed = {1}; Rows rows = {{1}}; const P *pointer; P *const held = 0;\n"
        "_Atomic(P) whole; volatile int touched;\n";
    static const char *const PS[] = {"cp", "vp", "ap", "f", "b"}, *const IS[] = {"cv", "ai"};
    Fixture *fixture = *state;

    write_text(fixture, "quals.c", SOURCE);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "quals.so", COMPILERS[i], "quals.c");
        load(fixture, &lib, "quals.so");
        const ReflectType *q = type_of(&lib, "quals.c", "q"), *p = type_in(&lib, q, "p");
        for (size_t n = 0; n < COUNT_OF(PS); n++) {
            assert_ptr_equal(type_in(&lib, q, PS[n]), p);
        }
        for (size_t n = 0; n < COUNT_OF(IS); n++) {
            assert_ptr_equal(type_in(&lib, q, IS[n]), type_in(&lib, q, "i"));
        }
        assert_ptr_equal(&lib.table.types[type_in(&lib, q, "q")->of], p);
        assert_ptr_equal(&lib.table.types[type_in(&lib, q, "cq")->of], p);
        assert_ptr_equal(type_in(&lib, q, "crow"), type_in(&lib, q, "row"));
        assert_ptr_equal(type_of(&lib, "quals.c", "whole"), p);
        assert_true(get(&lib, "quals.c", "", "fixed", 0)->is_const);
        assert_true(get(&lib, "quals.c", "", "rows", 0)->is_const);
        assert_true(get(&lib, "quals.c", "", "held", 0)->is_const);
        assert_false(get(&lib, "quals.c", "", "pointer", 0)->is_const);
        assert_false(get(&lib, "quals.c", "", "touched", 0)->is_const);
        assert_false(get(&lib, "quals.c", "", "q", 0)->is_const);
        unload(&lib);
    }
}

// Scenario: functions that take and give functions, that take any number, of no prototype; arrays
//           and members of pointers to them; arrays of no size, of size 0 and 1 at a struct's end.
// Expect: each as it was written.
static void functions_and_ends(void **state)
{
    static const char SOURCE[] =
        "typedef int Act(int, float); typedef Act *Choose(Act *, ...);\n"
        "struct Acts { Act *one, *many[3]; Choose *choose; int (*(*deep)(void))[4]; void (*old)(); "
        "};\n"
        "struct Acts acts;\n"
        "struct None { int n; struct { char c; int i; } tail[]; } none = {1, {{1, 2}, {3, 4}}};\n"
        "struct Zero { int n; short tail[0]; } zero; struct One { int n; long tail[1]; } one;\n";
    Fixture *fixture = *state;

    write_text(fixture, "acts.c", SOURCE);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "acts.so", COMPILERS[i], "acts.c");
        load(fixture, &lib, "acts.so");
        const ReflectType *types = lib.table.types, *acts = type_of(&lib, "acts.c", "acts");
        const ReflectType *act = &types[type_in(&lib, acts, "one")->of];
        assert_true(act->kind == REFLECT_FUNCTION && act->member_count == 2);
        assert_string_equal(types[act->of].name, "int");
        assert_string_equal(types[lib.table.members[act->first_member + 1].type].name, "float");
        const ReflectType *many = type_in(&lib, acts, "many");
        assert_true(many->count == 3 && &types[types[many->of].of] == act);
        const ReflectType *choose = &types[type_in(&lib, acts, "choose")->of];
        assert_ptr_equal(&types[types[choose->of].of], act);
        assert_string_equal(lib.table.members[choose->first_member + 1].name, "...");
        const ReflectType *row = &types[types[types[type_in(&lib, acts, "deep")->of].of].of];
        assert_true(row->kind == REFLECT_ARRAY && row->count == 4);
        const ReflectType *tail = type_in(&lib, type_of(&lib, "acts.c", "none"), "tail");
        assert_true(tail->count == 0 && tail->bytes == 0 && types[tail->of].bytes == 8);
        assert_int_equal(get(&lib, "acts.c", "", "none", 0)->bytes, 4 + 2 * 8);
        tail = type_in(&lib, type_of(&lib, "acts.c", "zero"), "tail");
        assert_true(tail->count == 0 && tail->bytes == 0);
        tail = type_in(&lib, type_of(&lib, "acts.c", "one"), "tail");
        assert_true(tail->count == 1 && tail->bytes == 8);
        unload(&lib);
    }
}

// ------------------------------------------------------------------------- how it may be written

static const char GAME[] =
    "typedef struct Mob { int hp; struct Mob *next; float grid[2][3]; unsigned bits : 3; } Mob;\n"
    "Mob mobs[4]; static int score; int add(int by) { static int calls; calls++; return score += "
    "by; }\n";

static void check_game(const Lib *lib, uint64_t shape)
{
    const ReflectType *mob = tagged(lib, REFLECT_STRUCT, "Mob");

    assert_int_equal(mob->shape, shape);
    assert_int_equal(get(lib, "game.c", "", "mobs", 0)->address, (uintptr_t)symbol(lib, "mobs"));
    assert_non_null(get(lib, "game.c", "add", "calls", 0));
    assert_ptr_equal(&lib->table.types[type_in(lib, mob, "next")->of], mob);
}

// Scenario: debug information of other kinds: older, 64 bits wide, with macros, packed by the
//           linker in both ways, of what was linked as one, relocatable functions.
// Expect: the table is the same.
static void however_it_is_written(void **state)
{
    static const char *const KINDS[] = {
        "gcc -gdwarf-2 -O1",
        "gcc -gdwarf-3 -O1",
        "gcc -gdwarf-2 -gstrict-dwarf -O1",
        "gcc -gdwarf-4 -gstrict-dwarf -O2",
        "gcc -gdwarf-5 -gdwarf64 -O1",
        "gcc -gdwarf-4 -gdwarf64 -O1",
        "gcc -g3 -O1",
        "gcc -ggdb3 -O0",
        "gcc -g -Og -Wl,--compress-debug-sections=zlib",
        "gcc -g -O1 -Wl,--compress-debug-sections=zlib-gnu",
        "clang -gdwarf-4 -O1 -Wl,--compress-debug-sections=zlib-gnu",
        "clang -g -O1 -gz",
        "gcc -g -O2 -flto",
        "clang -g -O2 -fdebug-types-section",
        "clang -gdwarf-2 -O1",
        "clang -g -O1 -fdata-sections -Wl,--gc-sections",
        "clang -g -O1 -fstandalone-debug -fdebug-macro",
    };
    Fixture *fixture = *state;
    uint64_t shape;
    Lib lib;

    write_text(fixture, "game.c", GAME);
    build(fixture, "game.so", "gcc -g -O0", "game.c");
    load(fixture, &lib, "game.so");
    shape = tagged(&lib, REFLECT_STRUCT, "Mob")->shape;
    unload(&lib);
    for (size_t i = 0; i < COUNT_OF(KINDS); i++) {
        build(fixture, "game.so", KINDS[i], "game.c");
        load(fixture, &lib, "game.so");
        check_game(&lib, shape);
        unload(&lib);
        load_by(reflect_open, fixture, &lib, "game.so");
        check_game(&lib, shape);
        unload(&lib);
    }
}

// Scenario: what cannot be read: .dwo files, of gcc and clang; packed with zstd, where the library
//           for it is too old.
// Expect: a fault that names the file and the option.
static void what_is_not_read(void **state)
{
    static const char *const SPLIT[] = {
        "gcc -gdwarf-4 -gsplit-dwarf", "gcc -gdwarf-5 -gsplit-dwarf",
        "clang -gdwarf-4 -gsplit-dwarf", "clang -gdwarf-5 -gsplit-dwarf"};
    Fixture *fixture = *state;
    ReflectTable *table;
    Fault fault = {0};

    write_text(fixture, "game.c", GAME);
    for (size_t i = 0; i < COUNT_OF(SPLIT); i++) {
        build(fixture, "not.so", SPLIT[i], "game.c");
        assert_null(reflect_table_open(in_folder(fixture, "not.so"), 0x10000, &fault));
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_non_null(strstr(fault.text, "not.so"));
        assert_non_null(strstr(fault.text, "-gsplit-dwarf"));
    }
    build(fixture, "game.so", "gcc -g", "game.c");
    if (!can_run(fixture, ".", "objcopy --compress-debug-sections=zstd game.so zstd.so")) {
        return; // binutils before 2.40
    }
    table = reflect_table_open(in_folder(fixture, "zstd.so"), 0x10000, &fault);
    if (table) {
        assert_true(!table->is_empty && table->variable_count >= 3);
        reflect_table_close(table);
    } else {
        assert_non_null(strstr(fault.text, "zstd.so"));
        assert_non_null(strstr(fault.text, "-gz=zlib"));
    }
}

// ------------------------------------------------------------------------------- several units

// Scenario: units that know a struct through pointers only, in a circle with others, whose
//           definitions lie apart; one that is defined equally in two units; a union and an enum
//           that are declared first.
// Expect: every pointer leads to the one definition, in all units.
static void declarations_find_their_definitions(void **state)
{
    static const char ONE[] = "struct Tree; union Value; enum Kind;\n"
                              "struct Leaf { struct Tree *tree; union Value *value; enum Kind *k; "
                              "struct Leaf *next; };\n"
                              "struct Leaf leaf; struct Tree *tree_of_one;\n"
                              "struct Twice { int a; struct Leaf *leaf; } twice_one;\n";
    static const char TWO[] =
        "struct Leaf; enum Kind { NUT, FIG };\n"
        "struct Tree { struct Leaf *first; struct Tree *up; enum Kind kind; };\n"
        "union Value { int i; float f; }; union Value value;\n"
        "struct Tree tree; struct Leaf **leaves;\n";
    static const char THREE[] =
        "struct Leaf; struct Twice { int a; struct Leaf *leaf; } twice_two;\n"
        "struct Tree; struct Tree *(*grow)(struct Tree *);\n";
    Fixture *fixture = *state;

    write_text(fixture, "one.c", ONE);
    write_text(fixture, "two.c", TWO);
    write_text(fixture, "three.c", THREE);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Lib lib;
        build(fixture, "circle.so", COMPILERS[i], "three.c one.c two.c");
        load(fixture, &lib, "circle.so");
        const ReflectType *types = lib.table.types;
        const ReflectType *leaf = type_of(&lib, "one.c", "leaf");
        const ReflectType *tree = type_of(&lib, "two.c", "tree");
        assert_ptr_equal(&types[type_in(&lib, leaf, "tree")->of], tree);
        assert_ptr_equal(&types[type_in(&lib, leaf, "next")->of], leaf);
        assert_ptr_equal(&types[type_in(&lib, leaf, "value")->of], type_of(&lib, "two.c", "value"));
        assert_ptr_equal(&types[type_in(&lib, leaf, "k")->of], type_in(&lib, tree, "kind"));
        assert_ptr_equal(&types[type_in(&lib, tree, "first")->of], leaf);
        assert_ptr_equal(&types[target_of(&lib, "two.c", "leaves")->of], leaf);
        assert_ptr_equal(target_of(&lib, "one.c", "tree_of_one"), tree);
        assert_ptr_equal(type_of(&lib, "one.c", "twice_one"),
                         type_of(&lib, "three.c", "twice_two"));
        assert_ptr_equal(&types[target_of(&lib, "three.c", "grow")->of],
                         &types[type_of(&lib, "one.c", "tree_of_one") - types]);
        (void)tagged(&lib, REFLECT_STRUCT, "Leaf");
        (void)tagged(&lib, REFLECT_STRUCT, "Tree");
        (void)tagged(&lib, REFLECT_STRUCT, "Twice");
        unload(&lib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alignment_is_known),
        cmocka_unit_test(typedefs_may_align),
        cmocka_unit_test(alignment_is_no_shape),
        cmocka_unit_test(typedefs_are_known),
        cmocka_unit_test(renames_are_known),
        cmocka_unit_test(what_is_no_rename),
        cmocka_unit_test(types_that_are_only_used),
        cmocka_unit_test(bits_are_where_they_are),
        cmocka_unit_test(qualifiers_change_no_type),
        cmocka_unit_test(functions_and_ends),
        cmocka_unit_test(however_it_is_written),
        cmocka_unit_test(what_is_not_read),
        cmocka_unit_test(declarations_find_their_definitions),
    };
    return cmocka_run_group_tests(tests, open_folder, close_fixture);
}
