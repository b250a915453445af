#include "reflect_table_testing.h"

#include <ctype.h>
#include <gelf.h>

// Libraries that carry their types: another library in a section .hotloop_types. Units without
// types, as the fast tier makes them of tcc's, are gcc's assembler text here with debug information
// written by hand.
//
// Contents: making, units without types, opening, cases.

enum { PLACE = 0x10000000, TEXT_BYTES = 256 << 10, PATTERN_BYTES = 64 };

// --------------------------------------------------------------------------------------- making

static int open_folder(void **state)
{
    static Fixture fixture;

    open_fixture(&fixture);
    *state = &fixture;
    return 0;
}

static const char *read_text(Fixture *fixture, const char *name)
{
    FileBytes bytes;
    Fault fault = {0};

    if (!file_read(&fixture->memory, in_folder(fixture, name), (size_t)64 << 20, &bytes, &fault)) {
        fail_msg("%s", fault.text);
    }
    return arena_format(&fixture->memory, "%.*s", (int)bytes.size_bytes, (const char *)bytes.data);
}

static void object(Fixture *fixture, const char *name, const char *options, const char *source)
{
    run(fixture, ".",
        arena_format(&fixture->memory, "%s -std=gnu11 -w -fPIC -c %s/%s -o %s", options,
                     fixture->folder, source, name));
}

static void join_objects(Fixture *fixture, const char *name, const char *objects)
{
    run(fixture, ".",
        arena_format(&fixture->memory, "gcc -shared -Wl,--build-id %s -o %s", objects, name));
}

// `library` becomes one that carries `types`.
static const char *carry(Fixture *fixture, const char *library, const char *types)
{
    run(fixture, ".",
        arena_format(&fixture->memory, "objcopy --add-section .hotloop_types=%s %s", types,
                     library));
    return in_folder(fixture, library);
}

// ---------------------------------------------------------------------------- units without types

// A variable of a unit without types; without a name it is the function itself.
typedef struct Bare {
    const char *function; // "": of none
    const char *name;
    int number; // which of those of that name, in the assembler text
} Bare;

static bool is_in_name(char byte)
{
    return isalnum((unsigned char)byte) || byte == '_' || byte == '.';
}

// The symbol that gcc gave a variable: "score", "calls.3".
static const char *symbol_in(Fixture *fixture, const char *text, const Bare *bare)
{
    const char *pattern =
        arena_format(&fixture->memory, "%s%s", bare->name, bare->function[0] ? "." : "");
    const char *seen = "";
    int number = -1;

    for (const char *at = text; (at = strstr(at, pattern)); at++) {
        size_t length = strlen(bare->name);
        if (at > text && is_in_name(at[-1])) {
            continue;
        }
        while (is_in_name(at[length])) {
            length++;
        }
        const char *symbol = arena_format(&fixture->memory, "%.*s", (int)length, at);
        if (!strstr(seen, arena_format(&fixture->memory, "<%s>", symbol))) {
            seen = arena_format(&fixture->memory, "%s<%s>", seen, symbol);
            if (++number == bare->number) {
                return symbol;
            }
        }
    }
    fail_msg("no %s.%s", bare->function, bare->name);
    return NULL;
}

static void print_function(FILE *out, const char *name, bool has_variables)
{
    fprintf(out, ".uleb128 %d\n.string \"%s\"\n.byte 1\n.quad %s, .Lend_%s - %s\n",
            has_variables ? 2 : 4, name, name, name, name);
}

static void print_variable(Fixture *fixture, FILE *out, const char *text, const Bare *bare)
{
    fprintf(out, ".uleb128 3\n.string \"%s\"\n.byte 0\n.uleb128 9\n.byte 3\n.quad %s\n", bare->name,
            symbol_in(fixture, text, bare));
}

// gcc's text, with a label behind each function.
static void print_code(FILE *out, const char *text)
{
    const char *size;

    fprintf(out, ".text\n.Lfirst:\n");
    while ((size = strstr(text, "\t.size\t"))) {
        const char *name = size + 7;
        fprintf(out, "%.*s", (int)(size - text), text);
        if (strncmp(strchr(name, ','), ", .-", 4) == 0) {
            fprintf(out, ".Lend_%.*s:\n", (int)strcspn(name, ","), name);
        }
        text = strchr(size, '\n');
        fprintf(out, "%.*s", (int)(text - size), size);
    }
    fprintf(out, "%s\n.text\n.Llast:\n", text);
}

static const char HEAD[] = ".section .debug_abbrev,\"\",@progbits\n.Labbrev:\n"
                           ".byte 1, 0x11, 1, 0x25, 8, 3, 8, 0x1b, 8, 0x11, 1, 0x12, 7, 0, 0\n"
                           ".byte 2, 0x2e, 1, 3, 8, 0x3f, 0xc, 0x11, 1, 0x12, 7, 0, 0\n"
                           ".byte 3, 0x34, 0, 3, 8, 0x3f, 0xc, 2, 0x18, 0, 0\n"
                           ".byte 4, 0x2e, 0, 3, 8, 0x3f, 0xc, 0x11, 1, 0x12, 7, 0, 0\n.byte 0\n"
                           ".section .debug_info,\"\",@progbits\n"
                           ".long .Lend - .Lbegin\n.Lbegin:\n.value 4\n.long .Labbrev\n.byte 8\n"
                           ".uleb128 1\n.string \"tcc 0.9.27\"\n.string \"%s\"\n.string \"%s\"\n"
                           ".quad .Lfirst, .Llast - .Lfirst\n";

// The object of `source` as the fast tier makes it. Things of one function stand together.
static void bare_object(Fixture *fixture, const char *name, const char *source, const Bare *bare,
                        size_t count)
{
    const char *function = "";
    bool is_inside = false;
    FILE *out;

    run(fixture, ".",
        arena_format(&fixture->memory, "gcc -O0 -g0 -std=gnu11 -w -fPIC -S %s -o bare.s", source));
    const char *text = read_text(fixture, "bare.s");
    out = fopen(in_folder(fixture, "whole.s"), "w");
    assert_non_null(out);
    print_code(out, text);
    fprintf(out, HEAD, in_folder(fixture, source), fixture->folder);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(bare[i].function, function) != 0) {
            fprintf(out, "%s", is_inside ? ".byte 0\n" : "");
            function = bare[i].function;
            is_inside = bare[i].name != NULL;
            print_function(out, function, is_inside);
        }
        if (bare[i].name) {
            print_variable(fixture, out, text, &bare[i]);
        }
    }
    fprintf(out, "%s.byte 0\n.Lend:\n", is_inside ? ".byte 0\n" : "");
    assert_int_equal(fclose(out), 0);
    run(fixture, ".", arena_format(&fixture->memory, "as whole.s -o %s", name));
}

// -------------------------------------------------------------------------------------- opening

typedef struct Tiered {
    Lib lib;
    ReflectTable *opened;
} Tiered;

static void open_tiered(Fixture *fixture, Tiered *tiered, const char *name)
{
    struct link_map *map;
    Fault fault = {0};

    *tiered = (Tiered){.lib = {.path = in_folder(fixture, name), .fixture = fixture}};
    tiered->lib.handle = dlopen(tiered->lib.path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(tiered->lib.handle);
    assert_int_equal(dlinfo(tiered->lib.handle, RTLD_DI_LINKMAP, &map), 0);
    tiered->opened = reflect_table_open(tiered->lib.path, map->l_addr, &fault);
    if (!tiered->opened) {
        fail_msg("%s", fault.text);
    }
    tiered->lib.table = *tiered->opened;
}

static void close_tiered(Tiered *tiered)
{
    reflect_table_close(tiered->opened);
    dlclose(tiered->lib.handle);
}

// The file's address of a symbol.
static uintptr_t address_of(const Tiered *tiered, const char *start, uint64_t *bytes)
{
    Fault fault = {0};
    Reflect *reflect = reflect_open_sections(tiered->lib.path, 0, &fault);
    Elf_Scn *at = NULL;
    uintptr_t found = 0;
    struct link_map *map;
    GElf_Shdr head;
    GElf_Sym one;

    assert_non_null(reflect);
    assert_int_equal(dlinfo(tiered->lib.handle, RTLD_DI_LINKMAP, &map), 0);
    while ((at = elf_nextscn(reflect->elf, at))) {
        assert_non_null(gelf_getshdr(at, &head));
        Elf_Data *data = head.sh_type == SHT_SYMTAB ? elf_getdata(at, NULL) : NULL;
        for (int i = 0; data && gelf_getsym(data, i, &one); i++) {
            const char *name = elf_strptr(reflect->elf, head.sh_link, one.st_name);
            size_t length = strlen(start);
            if (strncmp(name, start, length) == 0 && (!name[length] || name[length] == '.')
                && one.st_shndx != SHN_UNDEF) {
                assert_int_equal(found, 0);
                found = map->l_addr + one.st_value;
                *bytes = one.st_size;
            }
        }
    }
    reflect_close(reflect);
    assert_int_not_equal(found, 0);
    return found;
}

static void check_placed(const Tiered *tiered, const char *unit, const char *function,
                         const char *name, const char *type)
{
    const ReflectVariable *variable = get(&tiered->lib, unit, function, name, 0);
    uint64_t bytes;

    assert_int_equal(variable->address, address_of(tiered, name, &bytes));
    assert_int_equal(variable->bytes, bytes);
    assert_string_equal(tiered->lib.table.types[variable->type].name, type);
}

static const ReflectFunction *function_named(const Lib *lib, const char *name)
{
    for (uint32_t i = 0; i < lib->table.function_count; i++) {
        if (strcmp(lib->table.functions[i].name, name) == 0) {
            return &lib->table.functions[i];
        }
    }
    fail_msg("%s: no function %s", lib->path, name);
    return NULL;
}

static void check_refused(const char *path, const char *what)
{
    Fault fault = {0};
    ReflectTable *table = reflect_table_open(path, PLACE, &fault);

    if (table) {
        fail_msg("%s: it is taken, without \"%s\"", path, what);
    }
    assert_int_equal(fault.kind, FAULT_FORMAT);
    if (!strstr(fault.text, what) || !strstr(fault.text, path)) {
        fail_msg("%s: does not say \"%s\"", fault.text, what);
    }
}

// ---------------------------------------------------------------------------------------- cases

static const char GAME[] =
    "typedef struct Mob { int hp; float speed; struct Mob *next; } Mob;\n"
    "enum Mood { CALM, ANGRY = 7 }; typedef enum Mood Mood; typedef float Speed;\n"
    "Mob mobs[4]; static int score = 3; static const float gravity = 9.5f; static Mood mood;\n"
    "static struct { int n; int tail[]; } flexible = {2, {7, 8, 9}};\n"
    "static inline int add(Mob *m, int by) { static short calls; m->hp += by; return ++calls; }\n"
    "int zero(void) { return 0; }\n"
    "int update(int by)\n"
    "{\n"
    "    static long ticks; static int folded = 3;\n"
    "    { static float inner; inner += by; ticks += inner; }\n"
    "    mood = by; flexible.tail[1] += by; ticks++; score += folded;\n"
    "    return add(&mobs[0], by) + score + (int)gravity;\n"
    "}\n";
static const Bare GAME_BARE[] = {
    {"", "mobs", 0},         {"", "score", 0},       {"", "gravity", 0}, {"", "mood", 0},
    {"", "flexible", 0},     {"add", "calls", 0},    {"zero", NULL, 0},  {"update", "ticks", 0},
    {"update", "folded", 0}, {"update", "inner", 0},
};
static const char OTHER[] =
    "#define PUT(n, text) static const char n[] __attribute__((section(\"hl_was\"), used)) = text\n"
    "PUT(was, \"Pair.left=x\"); typedef struct Pair { int left; double right[2]; } Pair;\n"
    "static Pair pairs[3]; static const int table[] = {1, 2, 3}; static int idle;\n"
    "static int pick(int i) { static int n; { static int n; n += i; } return n += table[i & 1] + "
    "idle; }\n"
    "int other(int i) { pairs[i].left += pick(i); return pairs[1].left + pick(i + 1); }\n"
    "double far(int i) { return pairs[i].right[1]; }\n";

// Both sources; the table's types come from `types_options`, the second unit is gcc's, the first
// one without types.
static void make_game(Fixture *fixture, const char *types_options)
{
    write_text(fixture, "game.c", GAME);
    write_text(fixture, "other.c", OTHER);
    object(fixture, "t_game.o", types_options, "game.c");
    object(fixture, "t_other.o", types_options, "other.c");
    join_objects(fixture, "types.so", "t_other.o t_game.o");
    bare_object(fixture, "l_game.o", "game.c", GAME_BARE, COUNT_OF(GAME_BARE));
    object(fixture, "l_other.o", "gcc -g -O2", "other.c");
    join_objects(fixture, "lib.so", "l_game.o l_other.o");
}

static void check_game(Fixture *fixture)
{
    Tiered tiered;
    const Lib *lib = &tiered.lib;

    carry(fixture, "lib.so", "types.so");
    open_tiered(fixture, &tiered, "lib.so");
    check_placed(&tiered, "game.c", "", "score", "int");
    check_placed(&tiered, "game.c", "", "gravity", "float");
    check_placed(&tiered, "game.c", "", "mood", "Mood");
    check_placed(&tiered, "game.c", "", "flexible", "");
    check_placed(&tiered, "game.c", "", "mobs", "");
    check_placed(&tiered, "game.c", "add", "calls", "short");
    check_placed(&tiered, "game.c", "update", "ticks", "long");
    check_placed(&tiered, "game.c", "update", "folded", "int");
    check_placed(&tiered, "game.c", "update", "inner", "float");
    check_placed(&tiered, "other.c", "", "pairs", "");
    assert_string_equal(get(lib, "game.c", "", "score", 0)->unit, in_folder(fixture, "game.c"));
    assert_true(get(lib, "game.c", "", "gravity", 0)->is_const);
    assert_true(get(lib, "game.c", "", "mobs", 0)->is_external);
    assert_false(get(lib, "game.c", "", "score", 0)->is_external);
    assert_int_equal(member_of(lib, tagged(lib, REFLECT_STRUCT, "Mob"), "next")->offset_bits, 64);
    assert_int_equal(get(lib, "other.c", "", "idle", 0)->address, 0);
    assert_ptr_equal(reflect_variable_at(&lib->table, (uintptr_t)symbol(lib, "mobs") + 20, NULL),
                     get(lib, "game.c", "", "mobs", 0));

    const ReflectFunction *update = function_named(lib, "update"),
                          *add = function_named(lib, "add");
    assert_int_equal(update->address, (uintptr_t)symbol(lib, "update"));
    assert_true(update->bytes > 16 && update->is_external && !add->is_external);
    assert_ptr_equal(reflect_function_at(&lib->table, add->address + add->bytes - 1), add);
    assert_int_equal(function_named(lib, "zero")->address, (uintptr_t)symbol(lib, "zero"));
    const ReflectType *signature = &lib->table.types[add->type];
    assert_int_equal(signature->kind, REFLECT_FUNCTION);
    assert_int_equal(signature->member_count, 2);
    const ReflectMember *first = &lib->table.members[signature->first_member];
    assert_string_equal(lib->table.types[lib->table.types[first->type].of].name, "Mob");
    assert_int_equal(lib->table.rename_count, 1);
    assert_string_equal(lib->table.renames[0].old, "x");
    close_tiered(&tiered);
}

// Scenario: a unit without types beside one of gcc's; the types are those of a full build, at every
//           optimisation and by both compilers: inlined functions, statics of which only the value
//           is left there, or nothing.
// Expect: everything has its own address, and the type and the size that the source says.
static void types_of_a_full_build(void **state)
{
    static const char *const COMPILERS[] = {"gcc -g -O0", "gcc -g -O1",           "gcc -g -O2",
                                            "gcc -g -O3", "gcc -gdwarf-4 -g -O2", "clang -g -O0"};
    Fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        make_game(fixture, COMPILERS[i]);
        check_game(fixture);
    }
}

static void compile_from_input(Fixture *fixture, const char *name, const char *options,
                               const char *source)
{
    const char *path = in_folder(fixture, source);

    write_text(fixture, "input",
               arena_format(&fixture->memory, "# 1 \"%s\"\n%s", path, read_text(fixture, source)));
    write_text(fixture, "compile.sh",
               arena_format(&fixture->memory,
                            "folder=$PWD; source=%s; cd /\n"
                            "gcc -O0 -g -fPIC -w %s -iquote $folder -x c -c -o $folder/%s - "
                            "< $folder/input\n",
                            path, options, name));
    run(fixture, ".", "sh compile.sh");
}

// Scenario: types compiled from standard input that begins with a line marker, in another folder;
//           a header with a function that is compiled first; DWARF 4 and 5; and where the compiler
//           is told what standard input is.
// Expect: units are known by what the marker says.
static void types_from_standard_input(void **state)
{
    static const char *const OPTIONS[] = {"-gdwarf-5", "-gdwarf-4",
                                          "\"-fdebug-prefix-map=<stdin>=$source\""};
    Fixture *fixture = *state;

    make_game(fixture, "gcc -g -O1");
    write_text(fixture, "first.h",
               "static int first(int x) { static int seen; return seen += x; }\n");
    write_text(fixture, "game.c", arena_format(&fixture->memory, "#include \"first.h\"\n%s", GAME));
    for (size_t i = 0; i < COUNT_OF(OPTIONS); i++) {
        compile_from_input(fixture, "t_game.o", OPTIONS[i], "game.c");
        compile_from_input(fixture, "t_other.o", OPTIONS[i], "other.c");
        join_objects(fixture, "types.so", "t_other.o t_game.o");
        join_objects(fixture, "lib.so", "l_game.o l_other.o");
        check_game(fixture);
    }
}

static void check_same(const ReflectTable *joined, const ReflectTable *read)
{
    assert_int_equal(joined->variable_count, read->variable_count);
    assert_int_equal(joined->function_count, read->function_count);
    assert_int_equal(joined->piece_count, read->piece_count);
    assert_int_equal(joined->alias_count, read->alias_count);
    for (uint32_t i = 0; i < read->variable_count; i++) {
        const ReflectVariable *a = &joined->variables[i], *b = &read->variables[i];
        if (!b->address) { // their order is none
            continue;
        }
        assert_int_equal(a->address, b->address);
        assert_int_equal(a->bytes, b->bytes);
        assert_int_equal(a->block, b->block);
        assert_int_equal(a->is_const, b->is_const);
        assert_int_equal(a->is_external, b->is_external);
        assert_string_equal(a->name, b->name);
        assert_string_equal(a->function, b->function);
        assert_string_equal(a->unit, b->unit);
        assert_int_equal(joined->types[a->type].shape, read->types[b->type].shape);
    }
    for (uint32_t i = 0; i < read->piece_count; i++) {
        assert_int_equal(joined->pieces[i].address, read->pieces[i].address);
        assert_int_equal(joined->pieces[i].offset, read->pieces[i].offset);
    }
    for (uint32_t i = 0; i < read->function_count; i++) {
        const ReflectFunction *a = &joined->functions[i], *b = &read->functions[i];
        assert_int_equal(a->address, b->address);
        assert_int_equal(a->bytes, b->bytes);
        assert_int_equal(a->is_external, b->is_external);
        assert_string_equal(a->name, b->name);
        assert_int_equal(joined->types[a->type].shape, read->types[b->type].shape);
    }
}

static const char ODD[] =
    "#include <stdio.h>\n"
    "_Thread_local int own; static struct { int on, n; } pieces; static _Bool flag;\n"
    "static int deep(int x) { static int n[2]; { static int n; n += x; x += n; }\n"
    "    for (int n = 0; n < x; n++) { static char n; n++; puts(__func__); } return n[x & 1]++; }\n"
    "__attribute__((noinline)) static int split(int a, int b) { static int n; return n += a; }\n"
    "int go(int x) { pieces.n += x; flag = x > 3; own += x; return deep(x) + split(x, 3); }\n"
    "int on(void) { return flag ? pieces.n : own; }\n";

// Scenario: gcc's and clang's own libraries that carry the types of another one of the same
//           objects, linked in another order: namesakes, pieces, thread-local and inlined ones.
// Expect: the table that reading them gives.
static void the_same_objects(void **state)
{
    static const char *const COMPILERS[] = {"gcc -g -O0",   "gcc -g -O1",   "gcc -g -O2",
                                            "clang -g -O0", "clang -g -O1", "clang -g -O2"};
    Fixture *fixture = *state;

    write_text(fixture, "odd.c", ODD);
    write_text(fixture, "other.c", OTHER);
    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        Fault fault = {0};
        object(fixture, "odd.o", COMPILERS[i], "odd.c");
        object(fixture, "other.o", COMPILERS[i], "other.c");
        join_objects(fixture, "types.so", "other.o odd.o");
        join_objects(fixture, "lib.so", "odd.o other.o");
        ReflectTable *read = reflect_table_open(in_folder(fixture, "lib.so"), PLACE, &fault);
        assert_non_null(read);
        ReflectTable *joined =
            reflect_table_open(carry(fixture, "lib.so", "types.so"), PLACE, &fault);
        if (!joined) {
            fail_msg("%s: %s", COMPILERS[i], fault.text);
        }
        assert_ptr_not_equal(joined->types, read->types);
        check_same(joined, read);
        reflect_table_close(joined);
        reflect_table_close(read);
    }
}

// Scenario: a variable that the types do not know, of a function and of none; one that has become
//           longer; one of a unit that they do not know; two of one name in a function without
//           lines.
// Expect: refused, and named.
static void types_of_other_sources(void **state)
{
    static const struct {
        const char *from, *to, *says;
    } EDITS[] = {
        {"static int score = 3;", "static int score = 3, lives = 2;", "lives"},
        {"static long ticks;", "static long ticks, more; more += by;", "update.more"},
        {"Mob mobs[4];", "Mob mobs[5];", "mobs"},
        {"static short calls;", "static int calls;", "add.calls"},
    };
    static const Bare MORE[] = {
        {"", "lives", 0}, {"update", "more", 0}, {"", "mobs", 0}, {"add", "calls", 0}};
    Fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(EDITS); i++) {
        make_game(fixture, "gcc -g -O1");
        const char *at = strstr(GAME, EDITS[i].from);
        write_text(fixture, "game.c",
                   arena_format(&fixture->memory, "%.*s%s%s", (int)(at - GAME), GAME, EDITS[i].to,
                                at + strlen(EDITS[i].from)));
        bare_object(fixture, "l_game.o", "game.c", &MORE[i], 1);
        join_objects(fixture, "lib.so", "l_game.o l_other.o");
        check_refused(carry(fixture, "lib.so", "types.so"), EDITS[i].says);
    }
    join_objects(fixture, "types.so", "t_other.o");
    join_objects(fixture, "lib.so", "l_game.o l_other.o");
    check_refused(carry(fixture, "lib.so", "types.so"), "game.c");
}

static const char *const NAMESAKES =
    "static int pick(int i)\n"
    "{\n"
    "    for (int n = 0; n < i; n++) { static short n; i += n++; }\n"
    "    { int n = i * 2; i += n; { static float n; n += i; i += n; } }\n"
    "    static long n = 4; { %s } return n += i;\n"
    "}\n"
    "int other(int i) { return pick(i) + pick(i + 1); }\n";

static void check_namesakes(Fixture *fixture)
{
    static const char *const TYPES[] = {"short", "float", "long"};
    uint32_t seen = 0;
    Tiered tiered;

    join_objects(fixture, "lib.so", "l.o");
    carry(fixture, "lib.so", "types.so");
    open_tiered(fixture, &tiered, "lib.so");
    for (uint32_t block = 0; block < 8; block++) {
        const ReflectVariable *one = find(&tiered.lib, "pick.c", "pick", "n", block);
        if (one && one->address) {
            assert_in_range(seen, 0, COUNT_OF(TYPES) - 1);
            assert_string_equal(tiered.lib.table.types[one->type].name, TYPES[seen++]);
        }
    }
    assert_int_equal(seen, COUNT_OF(TYPES));
    close_tiered(&tiered);
}

// Scenario: three statics of one name in one function among automatic ones, in a unit without types
//           and in one of the same compiler, with types of any optimisation; then a fourth one that
//           is dropped where the types come from; then two on one line, whose order is not told.
// Expect: each has its type; where it is not certain which is which, that is refused.
static void several_of_one_name(void **state)
{
    static const char *const COMPILERS[] = {"gcc -g -O0", "gcc -g -O1", "gcc -g -O2",
                                            "clang -g -O0"};
    static const Bare BARE[] = {
        {"pick", "n", 0}, {"pick", "n", 1}, {"pick", "n", 2}, {"pick", "n", 3}};
    Fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(COMPILERS); i++) {
        write_text(fixture, "pick.c", arena_format(&fixture->memory, NAMESAKES, ""));
        object(fixture, "t.o", COMPILERS[i], "pick.c");
        join_objects(fixture, "types.so", "t.o");
        object(fixture, "l.o", COMPILERS[i], "pick.c");
        check_namesakes(fixture);
        bare_object(fixture, "l.o", "pick.c", BARE, 3);
        check_namesakes(fixture);
    }
    write_text(fixture, "pick.c",
               arena_format(&fixture->memory, NAMESAKES, "static const int n = 3; i += n;"));
    object(fixture, "t.o", "gcc -g -O2", "pick.c");
    join_objects(fixture, "types.so", "t.o");
    bare_object(fixture, "l.o", "pick.c", BARE, 4);
    join_objects(fixture, "lib.so", "l.o");
    check_refused(carry(fixture, "lib.so", "types.so"), "pick.n");
    write_text(
        fixture, "pick.c",
        "static int pick(int i) { { static int n = 1; i += n++; } static float n; return n += i; }"
        "int other(int i) { return pick(i) + pick(i + 1); }\n");
    object(fixture, "t.o", "gcc -g -O0", "pick.c");
    join_objects(fixture, "types.so", "t.o");
    bare_object(fixture, "l.o", "pick.c", BARE, 2);
    join_objects(fixture, "lib.so", "l.o");
    check_refused(carry(fixture, "lib.so", "types.so"), "pick.n");
}

// Scenario: two libraries that carry the same types, one of them twice and at two places; the types
//           as a library of their own.
// Expect: types are read once; places are each library's own.
static void types_are_read_once(void **state)
{
    Fixture *fixture = *state;
    Fault fault = {0};

    make_game(fixture, "gcc -g -O1");
    join_objects(fixture, "second.so", "l_other.o l_game.o");
    ReflectTable *first = reflect_table_open(carry(fixture, "lib.so", "types.so"), PLACE, &fault);
    assert_non_null(first);
    const ReflectType *types = first->types;
    ReflectTable *again = reflect_table_open(in_folder(fixture, "lib.so"), PLACE, &fault);
    ReflectTable *moved = reflect_table_open(in_folder(fixture, "lib.so"), PLACE + 4096, &fault);
    assert_ptr_equal(first, again);
    assert_ptr_equal(moved->types, types);
    assert_int_equal(moved->functions[0].address, first->functions[0].address + 4096);
    reflect_table_close(first);
    reflect_table_close(again);
    ReflectTable *second =
        reflect_table_open(carry(fixture, "second.so", "types.so"), PLACE, &fault);
    assert_ptr_equal(second->types, types);
    assert_int_equal(second->function_count, moved->function_count);
    assert_string_not_equal(second->functions[0].name, moved->functions[0].name);
    reflect_table_close(moved);
    reflect_table_close(second);

    ReflectTable *plain = reflect_table_open(in_folder(fixture, "types.so"), PLACE, &fault);
    assert_ptr_not_equal(plain->types, types); // it is a library of its own, too
    assert_int_equal(plain->rename_count, 1);
    reflect_table_close(plain);
}

// Scenario: one library carries types, and then others of which every section is as long.
// Expect: it has those that it carries.
static void types_that_only_look_the_same(void **state)
{
    static const char *const MEMBERS[] = {"one", "two"};
    Fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(MEMBERS); i++) {
        Fault fault = {0};
        write_text(fixture, "it.c",
                   arena_format(&fixture->memory, "struct It { int %s; } it;\n", MEMBERS[i]));
        object(fixture, "t.o", "gcc -g", "it.c");
        join_objects(fixture, "types.so", "t.o");
        if (i == 0) {
            join_objects(fixture, "lib.so", "t.o");
        } else {
            run(fixture, ".", "objcopy -R .hotloop_types lib.so");
        }
        ReflectTable *table =
            reflect_table_open(carry(fixture, "lib.so", "types.so"), PLACE, &fault);
        assert_non_null(table);
        Lib lib = {.path = "lib.so", .table = *table};
        assert_non_null(member_of(&lib, tagged(&lib, REFLECT_STRUCT, "It"), MEMBERS[i]));
        reflect_table_close(table);
    }
}

// Scenario: twelve libraries, one after the other, each with types of its own, and once more.
// Expect: each has its own; those that nobody has are few.
static void many_types(void **state)
{
    enum { BUILDS = 12 };
    Fixture *fixture = *state;
    Fault fault = {0};

    for (int i = 0; i < BUILDS * 2; i++) {
        const char *name = arena_format(&fixture->memory, "many%d.so", i % BUILDS);
        if (i < BUILDS) {
            write_text(
                fixture, "many.c",
                arena_format(&fixture->memory, "int x[%d]; int f(void) { return 1; }\n", i + 1));
            object(fixture, "many.o", "gcc -g", "many.c");
            join_objects(fixture, "types.so", "many.o");
            join_objects(fixture, name, "many.o");
            carry(fixture, name, "types.so");
        }
        ReflectTable *table = reflect_table_open(in_folder(fixture, name), PLACE, &fault);
        assert_non_null(table);
        assert_int_equal(table->variables[table->variable_count - 1].bytes,
                         (size_t)(i % BUILDS + 1) * sizeof(int));
        reflect_table_close(table);
    }
}

// Goes over everything that a table promises.
static uint64_t sum_table(const ReflectTable *table)
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        assert_true(variable->type < table->type_count);
        assert_true(i == 0 || variable->address >= variable[-1].address);
        sum += strlen(variable->name) + strlen(variable->unit) + strlen(variable->function);
    }
    for (uint32_t i = 0; i < table->function_count; i++) {
        assert_true(table->functions[i].type < table->type_count);
        sum += strlen(table->functions[i].name) + strlen(table->functions[i].unit);
    }
    for (uint32_t i = 0; i < table->type_count; i++) {
        assert_true(table->types[i].of < table->type_count);
        sum += strlen(table->types[i].name);
    }
    return sum;
}

// Where in a file of those bytes the others stand.
static size_t find_bytes(const FileBytes *in, const FileBytes *what)
{
    for (size_t at = 0; at + what->size_bytes <= in->size_bytes; at++) {
        if (memcmp(in->data + at, what->data, what->size_bytes) == 0) {
            return at;
        }
    }
    fail_msg("the types are not there");
    return 0;
}

// The name and the type of a build-id, before its 20 bytes. Types are known again by it: with a new
// one they are read, whatever became of them.
static const char NOTE[] = "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU";

static void open_changed(Fixture *fixture, const uint8_t *bytes, size_t size_bytes)
{
    const char *path = in_folder(fixture, "try.so");
    Fault fault = {0};

    write_file(path, bytes, size_bytes);
    ReflectTable *table = reflect_table_open(path, PLACE, &fault);
    if (table) {
        (void)sum_table(table);
        reflect_table_close(table);
    } else {
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_non_null(strstr(fault.text, path));
    }
}

// Scenario: types cut off at every so many bytes; with bytes changed, in their head, their tables
//           and anywhere.
// Expect: cut off ones are refused, changed ones give a table that can be gone over or are refused.
static void damaged_types(void **state)
{
    Fixture *fixture = *state;
    FileBytes types, whole;
    Fault fault = {0};
    unsigned seed = 7;

    make_game(fixture, "gcc -g -O1");
    assert_true(file_read(&fixture->memory, in_folder(fixture, "types.so"), (size_t)64 << 20,
                          &types, &fault));
    for (size_t bytes = 1; bytes < types.size_bytes; bytes += 1 + bytes / 2) {
        write_file(in_folder(fixture, "damaged"), types.data, bytes);
        run(fixture, ".", "cp lib.so try.so");
        check_refused(carry(fixture, "try.so", "damaged"), "types that it carries");
    }
    assert_true(file_read(&fixture->memory, carry(fixture, "lib.so", "types.so"), (size_t)64 << 20,
                          &whole, &fault));
    size_t first = find_bytes(&whole, &types);
    FileBytes note = {.data = (const uint8_t *)NOTE, .size_bytes = sizeof NOTE};
    size_t id = first + find_bytes(&types, &note) + sizeof NOTE;
    uint8_t *copy = arena_push(&fixture->memory, 1, 1, whole.size_bytes);
    for (int i = 0; i < 500; i++) {
        const size_t range[] = {64, 4096, types.size_bytes, whole.size_bytes};
        memcpy(copy, whole.data, whole.size_bytes);
        memcpy(copy + id, &i, sizeof i);
        for (int change = 0; change < 1 + i / 4 % 5; change++) {
            size_t at = (size_t)rand_r(&seed) % range[i % 4];
            copy[i % 4 == 3 ? at : first + at] = (uint8_t)rand_r(&seed);
        }
        open_changed(fixture, copy, whole.size_bytes);
    }
    open_changed(fixture, whole.data, first + types.size_bytes / 2); // the file ends within them
}

// Scenario: types without a build-id, without debug information, without types in it; a file that
//           is no library; a library without debug information that carries good types.
// Expect: refused, with the reason.
static void types_that_are_none(void **state)
{
    Fixture *fixture = *state;

    make_game(fixture, "gcc -g -O1");
    run(fixture, ".", "gcc -shared -Wl,--build-id=none t_game.o t_other.o -o none.so");
    run(fixture, ".", "strip -g -o stripped.so types.so");
    object(fixture, "lines.o", "gcc -g1", "game.c");
    join_objects(fixture, "lines.so", "lines.o");
    write_text(fixture, "text.so", GAME);
    run(fixture, ".", "strip -g -o bare.so lib.so");
    static const char *const OTHERS[][2] = {{"none.so", "build-id"},
                                            {"stripped.so", "no debug information"},
                                            {"lines.so", "no types"},
                                            {"text.so", "types that it carries"},
                                            {"l_game.o", "types that it carries"}};
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
        run(fixture, ".", "cp lib.so try.so");
        check_refused(carry(fixture, "try.so", OTHERS[i][0]), OTHERS[i][1]);
    }
    check_refused(carry(fixture, "bare.so", "types.so"), "no debug information");
}

static bool read_nothing(void *with, uintptr_t address, void *out, size_t bytes)
{
    (void)with, (void)address;
    memset(out, 0, bytes);
    return false;
}

// Scenario: places and suspects in a unit without types, as after a crash in it.
// Expect: its functions have their names, and no pointer is named for no type is known.
static void places_without_types(void **state)
{
    Fixture *fixture = *state;
    struct link_map *map;
    Fault fault = {0};
    Tiered tiered;
    ReflectPlace place;
    char name[64];

    make_game(fixture, "gcc -g -O1");
    carry(fixture, "lib.so", "types.so");
    open_tiered(fixture, &tiered, "lib.so");
    assert_int_equal(dlinfo(tiered.lib.handle, RTLD_DI_LINKMAP, &map), 0);
    Reflect *reflect = reflect_open(tiered.lib.path, map->l_addr, &fault);
    assert_non_null(reflect);
    for (uint32_t i = 0; i < tiered.lib.table.function_count; i++) {
        const ReflectFunction *function = &tiered.lib.table.functions[i];
        for (uint64_t at = 0; at < function->bytes; at++) {
            uint64_t registers[17] = {0};
            const ReflectMachine machine = {.pc = function->address + at,
                                            .registers = registers,
                                            .cfa = PLACE,
                                            .read = read_nothing};
            assert_true(reflect_places(reflect, machine.pc, &place, 1) == 1);
            if (strstr(function->unit, "game.c")) {
                assert_string_equal(place.function, function->name);
                assert_false(reflect_suspect(reflect, &machine,
                                             "mobs[score].next->hp = *ticks + inner->x + calls[3]",
                                             0, name, sizeof name));
            }
        }
    }
    reflect_close(reflect);
    close_tiered(&tiered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_of_a_full_build),
        cmocka_unit_test(types_from_standard_input),
        cmocka_unit_test(the_same_objects),
        cmocka_unit_test(types_of_other_sources),
        cmocka_unit_test(several_of_one_name),
        cmocka_unit_test(types_are_read_once),
        cmocka_unit_test(types_that_only_look_the_same),
        cmocka_unit_test(many_types),
        cmocka_unit_test(damaged_types),
        cmocka_unit_test(types_that_are_none),
        cmocka_unit_test(places_without_types),
    };
    return cmocka_run_group_tests(tests, open_folder, close_fixture);
}
