#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "reflect.h"

// What every library here is built from. A comment "@ name" marks a line for line_of().
static const char GAME[] =
    "#define APART __attribute__((noinline, noclone))\n"
    "#define INTO static inline __attribute__((always_inline))\n"
    "typedef struct Mob { int x, hp; struct Mob *next; union { char name[16]; int id; }; } Mob;\n"
    "typedef const Mob *const Pick;\n"
    "typedef struct Game {\n"
    "    int tick; Mob *boss; Mob *mobs[4]; int *grid; void (*on_hit)(int); Mob **table;\n"
    "    struct { Mob *best; } score;\n"
    "} Game;\n"
    "Mob *the_boss;\n"
    "static Mob *volatile hidden;\n"
    "extern Game *elsewhere;\n"
    "volatile int sink;\n"
    "INTO void hurt(Mob *m, int by)\n"
    "{\n"
    "    m->hp -= by; // @ hurt\n"
    "}\n"
    "INTO void punish(Mob *who)\n"
    "{\n"
    "    hurt(who, 3); // @ punish\n"
    "}\n"
    "APART void inlined(Game *g)\n"
    "{\n"
    "    punish(g->boss); // @ inlined\n"
    "}\n"
    "APART void local(Game *g)\n"
    "{\n"
    "    Mob *m = g->boss;\n"
    "    m->hp = 3; // @ local\n"
    "}\n"
    "APART void parameter(Mob *m)\n"
    "{\n"
    "    sink = m->id; // @ parameter\n"
    "}\n"
    "APART void qualified(Pick m)\n"
    "{\n"
    "    sink = m -> name[2]; // @ qualified\n"
    "}\n"
    "APART void member(Game *g)\n"
    "{\n"
    "    g->boss->hp = g->tick; // @ member\n"
    "}\n"
    "APART void chain(Game *g)\n"
    "{\n"
    "    if (g) { Mob *m = g->mobs[1]; sink = m->next->hp; } // @ chain\n"
    "}\n"
    "APART void element(Game *g, int i)\n"
    "{\n"
    "    g->mobs[i]->hp = 1; // @ element\n"
    "}\n"
    "APART void grid(Game *g)\n"
    "{\n"
    "    g->grid[100] = 5; // @ grid\n"
    "}\n"
    "APART void star(Game *g)\n"
    "{\n"
    "    *g->grid = 7; // @ star\n"
    "}\n"
    "APART void twice(Mob **at)\n"
    "{\n"
    "    (*at)->hp = 7; // @ twice\n"
    "}\n"
    "APART void nested(Game *g)\n"
    "{\n"
    "    g->score.best->hp = 7; /* not g->boss->hp */ // @ nested\n"
    "}\n"
    "APART void global(void)\n"
    "{\n"
    "    the_boss->hp = 1; // @ global\n"
    "}\n"
    "APART void hide(void)\n"
    "{\n"
    "    hidden->hp = 1; // @ hide\n"
    "}\n"
    "APART void outside(void)\n"
    "{\n"
    "    elsewhere->boss->hp = 1; // @ outside\n"
    "}\n"
    "APART void call(Game *g)\n"
    "{\n"
    "    g->on_hit(3); // @ call\n"
    "    sink = 1;\n"
    "}\n"
    "APART int either(Mob *a, Mob *b)\n"
    "{\n"
    "    return a->hp + b->hp; // @ either\n"
    "}\n"
    "int text(Game *g)\n"
    "{\n"
    "    return g->boss ? 1 : 2; // @ text\n"
    "}\n";
static const char OTHER[] = "struct Game;\nstruct Game *elsewhere;\n";

enum { ARGUMENTS_MAX = 20, ALTERNATE_BYTES = 1 << 20 };

typedef struct TestMob {
    int x, hp;
    struct TestMob *next;
    char name[16];
} TestMob;
typedef struct TestGame {
    int tick;
    TestMob *boss, *mobs[4];
    int *grid;
    void (*on_hit)(int);
    TestMob **table;
    TestMob *best;
} TestGame;

typedef struct Fixture {
    char folder[64];
    Arena memory;
} Fixture;

// A loaded library with its debug information.
typedef struct Lib {
    char path[256];
    void *handle;
    uintptr_t base;
    Reflect *reflect;
} Lib;

// What happened to a call.
typedef struct Stop {
    Lib *lib;
    bool at_caller; // the place is that of the return address on top of the stack
    ReflectPlace places[REFLECT_INLINE_MAX];
    size_t count;
    uintptr_t pc, address;
    const char *line; // of the source, for reflect_suspect
    bool is_named;
    char name[64];
} Stop;

static Stop stop;
static sigjmp_buf back;

static const char *in_folder(Fixture *fixture, const char *name)
{
    return arena_format(&fixture->memory, "%s/%s", fixture->folder, name);
}

static void write_file(const char *path, const void *bytes, size_t size_bytes)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size_bytes, file), size_bytes);
    assert_int_equal(fclose(file), 0);
}

// Builds `name` from game.c and other.c, in their folder; `options` are split at blanks.
static const char *build(Fixture *fixture, const char *name, const char *options)
{
    char *arguments[ARGUMENTS_MAX] = {0};
    size_t count = 0;
    char *words = arena_format(&fixture->memory, "%s -w -shared -fPIC game.c other.c -o", options);
    char *rest = NULL;
    pid_t child;
    int status;
    posix_spawn_file_actions_t actions;

    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        assert_true(count < ARGUMENTS_MAX - 2);
        arguments[count++] = word;
    }
    arguments[count++] = arena_copy_text(&fixture->memory, name);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, fixture->folder);
    assert_int_equal(posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return in_folder(fixture, name);
}

static void load(Lib *lib, const char *path)
{
    struct link_map *map;
    Fault fault = {0};

    snprintf(lib->path, sizeof lib->path, "%s", path);
    lib->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    assert_non_null(lib->handle);
    assert_int_equal(dlinfo(lib->handle, RTLD_DI_LINKMAP, &map), 0);
    lib->base = map->l_addr;
    lib->reflect = reflect_open(path, lib->base, &fault);
    if (!lib->reflect) {
        fail_msg("%s", fault.text);
    }
}

static void unload(Lib *lib)
{
    reflect_close(lib->reflect);
    dlclose(lib->handle);
}

static uintptr_t symbol(Lib *lib, const char *name)
{
    void *address = dlsym(lib->handle, name);

    assert_non_null(address);
    return (uintptr_t)address;
}

// The number of the line marked "@ name", and its text.
static int line_of(const char *name, char text[200])
{
    char mark[64];
    int line = 1;
    const char *at, *first = GAME;

    snprintf(mark, sizeof mark, "// @ %s\n", name);
    at = strstr(GAME, mark);
    assert_non_null(at);
    for (const char *c = GAME; c < at; c++) {
        if (*c == '\n') {
            line++;
            first = c + 1;
        }
    }
    if (text) {
        snprintf(text, 200, "%.*s", (int)(at - first), first);
    }
    return line;
}

static bool read_process(void *with, uintptr_t address, void *out, size_t bytes)
{
    struct iovec here = {out, bytes}, there = {(void *)address, bytes};
    (void)with;
    return process_vm_readv(getpid(), &here, 1, &there, 1, 0) == (ssize_t)bytes;
}

// The stack of the call is still there, so variables can be looked at.
static void on_signal(int number, siginfo_t *info, void *context)
{
    static const int BY_DWARF[] = {REG_RAX, REG_RDX, REG_RCX, REG_RBX, REG_RSI, REG_RDI,
                                   REG_RBP, REG_RSP, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                   REG_R12, REG_R13, REG_R14, REG_R15, REG_RIP};
    const ucontext_t *at = context;
    uint64_t registers[COUNT_OF(BY_DWARF)];
    ReflectMachine machine = {.registers = registers, .read = read_process};

    for (size_t i = 0; i < COUNT_OF(BY_DWARF); i++) {
        registers[i] = (uint64_t)at->uc_mcontext.gregs[BY_DWARF[i]];
    }
    machine.pc = registers[16];
    stop.address = (uintptr_t)info->si_addr;
    if (stop.at_caller) {
        uintptr_t top = registers[7];
        memcpy(&machine.pc, (void *)top, sizeof machine.pc);
        machine.pc--;
        registers[7] += 8;
    }
    stop.pc = machine.pc;
    stop.count = reflect_places(stop.lib->reflect, machine.pc, stop.places, COUNT_OF(stop.places));
    stop.is_named = reflect_suspect(stop.lib->reflect, &machine, stop.line, stop.address, stop.name,
                                    sizeof stop.name);
    siglongjmp(back, number);
}

typedef void Crasher(uintptr_t a, uintptr_t b);

// Calls a function of the library, which must crash.
static void crash(Lib *lib, const char *name, uintptr_t a, uintptr_t b)
{
    static uint8_t alternate[ALTERNATE_BYTES];
    stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate}, old_stack;
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_ONSTACK}, old;
    static char text[200];
    Crasher *function = (Crasher *)symbol(lib, name);

    line_of(name, text);
    stop = (Stop){.lib = lib, .line = text, .at_caller = strcmp(name, "call") == 0};
    if (strcmp(name, "inlined") == 0) {
        line_of("hurt", text);
    }
    action.sa_sigaction = on_signal;
    assert_int_equal(sigaltstack(&stack, &old_stack), 0);
    assert_int_equal(sigaction(SIGSEGV, &action, &old), 0);
    if (sigsetjmp(back, 1) == 0) {
        function(a, b);
        fail_msg("%s did not crash", name);
    }
    sigaction(SIGSEGV, &old, NULL);
    sigaltstack(&old_stack, NULL);
}

typedef struct Flavour {
    const char *name, *options;
} Flavour;

static const Flavour FLAVOURS[] = {
    {"g40.so", "gcc -gdwarf-4 -O0"},      {"g41.so", "gcc -gdwarf-4 -O1"},
    {"g42.so", "gcc -gdwarf-4 -O2"},      {"g50.so", "gcc -gdwarf-5 -O0"},
    {"g51.so", "gcc -gdwarf-5 -O1"},      {"g52.so", "gcc -gdwarf-5 -O2"},
    {"g53.so", "gcc -gdwarf-5 -O3"},      {"c40.so", "clang -gdwarf-4 -O0"},
    {"c42.so", "clang -gdwarf-4 -O2"},    {"c50.so", "clang -gdwarf-5 -O0"},
    {"c51.so", "clang -gdwarf-5 -O1"},    {"c52.so", "clang -gdwarf-5 -O2"},
    {"c53.so", "clang -gdwarf-5 -O3"},    {"gz.so", "gcc -gdwarf-5 -gz -O1"},
    {"gs.so", "gcc -g -gsplit-dwarf -O1"}};

static int open_everything(void **state)
{
    static Fixture fixture;
    Fault fault = {0};

    assert_true(arena_open(&fixture.memory, 0, 256u << 20, &fault));
    snprintf(fixture.folder, sizeof fixture.folder, "/tmp/reflect_test_XXXXXX");
    assert_non_null(mkdtemp(fixture.folder));
    write_file(in_folder(&fixture, "game.c"), GAME, sizeof GAME - 1);
    write_file(in_folder(&fixture, "other.c"), OTHER, sizeof OTHER - 1);
    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        build(&fixture, FLAVOURS[i].name, FLAVOURS[i].options);
    }
    *state = &fixture;
    return 0;
}

static int close_everything(void **state)
{
    Fixture *fixture = *state;
    char *const arguments[] = {(char *)(uintptr_t) "rm", (char *)(uintptr_t) "-rf", fixture->folder,
                               NULL};
    pid_t child;
    int status;

    assert_int_equal(posix_spawnp(&child, "rm", NULL, NULL, arguments, environ), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    arena_close(&fixture->memory);
    return 0;
}

static void check_place(const ReflectPlace *place, const char *function, int line, const char *file,
                        const char *flavour)
{
    if (strcmp(place->function, function) != 0 || place->line != line
        || strcmp(place->file, file) != 0) {
        fail_msg("%s: %s() %s:%d, expected %s() %s:%d", flavour, place->function, place->file,
                 place->line, function, file, line);
    }
}

// Scenario: a function that was inlined twice over crashes; gcc and clang, DWARF 4 and 5, packed
//           and split debug information, all levels of optimisation.
// Expect: each of the three calls with its own file and line, the inlined ones marked, and the
// file's
//         path absolute although the compiler was given "game.c".
static void inlined_calls_have_their_places(void **state)
{
    Fixture *fixture = *state;
    const char *file = in_folder(fixture, "game.c");

    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        TestGame game = {0};
        load(&lib, in_folder(fixture, FLAVOURS[i].name));
        crash(&lib, "inlined", (uintptr_t)&game, 0);
        assert_int_equal(stop.count, 3);
        check_place(&stop.places[0], "hurt", line_of("hurt", NULL), file, FLAVOURS[i].name);
        check_place(&stop.places[1], "punish", line_of("punish", NULL), file, FLAVOURS[i].name);
        check_place(&stop.places[2], "inlined", line_of("inlined", NULL), file, FLAVOURS[i].name);
        assert_true(stop.places[0].is_inlined && stop.places[1].is_inlined);
        assert_false(stop.places[2].is_inlined);
        unload(&lib);
    }
}

// Scenario: there is room for two places, and three are there; an address outside of the library.
// Expect: the two innermost ones; none.
static void as_many_places_as_fit(void **state)
{
    Fixture *fixture = *state;
    ReflectPlace places[2];
    Lib lib;
    TestGame game = {0};

    load(&lib, in_folder(fixture, "g52.so"));
    crash(&lib, "inlined", (uintptr_t)&game, 0);
    assert_int_equal(reflect_places(lib.reflect, stop.pc, places, 2), 2);
    assert_string_equal(places[0].function, "hurt");
    assert_string_equal(places[1].function, "punish");
    assert_int_equal(reflect_places(lib.reflect, stop.pc, places, 0), 0);
    assert_int_equal(reflect_places(lib.reflect, (uintptr_t)&game, places, 2), 0);
    assert_int_equal(reflect_places(lib.reflect, 0, places, 2), 0);
    assert_int_equal(reflect_places(lib.reflect, UINTPTR_MAX, places, 2), 0);
    unload(&lib);
}

static void check_suspect(Lib *lib, const char *function, uintptr_t a, uintptr_t b,
                          const char *name)
{
    crash(lib, function, a, b);
    if (strcmp(stop.name, name) != 0 || stop.is_named != (name[0] != 0)) {
        fail_msg("%s, %s(): named \"%s\", expected \"%s\" (address %#zx, line %s)", lib->path,
                 function, stop.name, name, (size_t)stop.address, stop.line);
    }
}

// Scenario: lines with several pointers, one of which is NULL: local, parameter, member, chain,
//           element, global, static, of another unit, a function; in every flavour.
// Expect: that one, as it is written in the source.
static void the_null_pointer_is_named(void **state)
{
    Fixture *fixture = *state;

    for (size_t i = 0; i < COUNT_OF(FLAVOURS); i++) {
        Lib lib;
        TestMob mob = {.next = NULL}, *none = NULL;
        TestGame game = {.mobs = {&mob, &mob, NULL, &mob}}, *null = NULL;
        load(&lib, in_folder(fixture, FLAVOURS[i].name));
        check_suspect(&lib, "inlined", (uintptr_t)&game, 0, "m");
        check_suspect(&lib, "local", (uintptr_t)&game, 0, "m");
        check_suspect(&lib, "parameter", 0, 0, "m");
        check_suspect(&lib, "qualified", 0, 0, "m");
        check_suspect(&lib, "member", (uintptr_t)&game, 0, "g->boss");
        check_suspect(&lib, "chain", (uintptr_t)&game, 0, "m->next");
        check_suspect(&lib, "element", (uintptr_t)&game, 2, "g->mobs[i]");
        check_suspect(&lib, "grid", (uintptr_t)&game, 0, "g->grid");
        check_suspect(&lib, "star", (uintptr_t)&game, 0, "g->grid");
        check_suspect(&lib, "star", (uintptr_t)null, 0, "g");
        check_suspect(&lib, "twice", (uintptr_t)&none, 0, "*at");
        check_suspect(&lib, "twice", 0, 0, "at");
        check_suspect(&lib, "nested", (uintptr_t)&game, 0, "g->score.best");
        check_suspect(&lib, "global", 0, 0, "the_boss");
        check_suspect(&lib, "hide", 0, 0, "hidden");
        check_suspect(&lib, "outside", 0, 0, "elsewhere");
        check_suspect(&lib, "call", (uintptr_t)&game, 0, "g->on_hit");
        unload(&lib);
    }
}

// Scenario: a pointer that is not NULL but leads where nothing is.
// Expect: it is named, with its value known for sure at -O0.
static void a_wild_pointer_is_named(void **state)
{
    Fixture *fixture = *state;
    Lib lib;
    TestGame game = {.boss = (TestMob *)0x123456789000};

    load(&lib, in_folder(fixture, "g50.so"));
    check_suspect(&lib, "member", (uintptr_t)&game, 0, "g->boss");
    check_suspect(&lib, "local", (uintptr_t)&game, 0, "m");
    unload(&lib);
}

// Scenario: two pointers on a line would both lead there; at -O0 one of them is not NULL.
// Expect: none is named while both are NULL; the right one otherwise.
static void two_that_fit_are_none(void **state)
{
    Fixture *fixture = *state;
    TestMob mob = {0};
    Lib lib;

    load(&lib, in_folder(fixture, "c50.so"));
    check_suspect(&lib, "either", 0, 0, "");
    check_suspect(&lib, "either", (uintptr_t)&mob, 0, "b");
    check_suspect(&lib, "either", 0, (uintptr_t)&mob, "a");
    unload(&lib);
}

static bool read_nothing(void *with, uintptr_t address, void *out, size_t bytes)
{
    (void)with;
    (void)address;
    (void)out;
    (void)bytes;
    return false;
}

// Scenario: neither registers nor memory are known; lines that are no C, or of another place.
// Expect: the only pointer with a member there is still named; nothing is made of the rest.
static void without_values_types_must_do(void **state)
{
    Fixture *fixture = *state;
    static const char *const STRANGE[] = {"",     "m",        "->",       "m->",     "m->nothing",
                                          "(((",  "m[[[[",    "*",        "**m",     "\"m->hp",
                                          "'",    "/* m->hp", "// m->hp", "0x1f->m", "m.hp",
                                          ")m->", "(*(*(*m",  "m[m[m[m"};
    ReflectMachine machine = {.read = read_nothing};
    char name[64];
    Lib lib;

    load(&lib, in_folder(fixture, "g51.so"));
    machine.pc = symbol(&lib, "parameter");
    assert_true(reflect_suspect(lib.reflect, &machine, "sink = m->id;", 16, name, sizeof name));
    assert_string_equal(name, "m");
    assert_false(reflect_suspect(lib.reflect, &machine, "sink = m->id;", 8, name, sizeof name));
    assert_string_equal(name, "");
    for (size_t i = 0; i < COUNT_OF(STRANGE); i++) {
        if (reflect_suspect(lib.reflect, &machine, STRANGE[i], 16, name, sizeof name)) {
            assert_non_null(strstr(name, "m"));
        }
    }
    assert_true(reflect_suspect(lib.reflect, &machine, "m->id", 16, name, 2));
    assert_false(reflect_suspect(lib.reflect, &machine, "m->id", 16, name, 1));
    unload(&lib);
}

// Scenario: a stripped library, one without debug information, a text, an empty file, none at all.
// Expect: a fault that names the file, or no places; never a crash.
static void what_has_no_debug_information(void **state)
{
    Fixture *fixture = *state;
    static const char *const NAMES[] = {"plain.so", "stripped.so", "game.c", "empty", "missing"};
    ReflectPlace places[4];

    build(fixture, "plain.so", "gcc -O1");
    build(fixture, "stripped.so", "gcc -O1 -g -s");
    write_file(in_folder(fixture, "empty"), "", 0);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        Fault fault = {0};
        Reflect *reflect = reflect_open(in_folder(fixture, NAMES[i]), 0x10000, &fault);
        if (reflect) {
            assert_int_equal(reflect_places(reflect, 0x11100, places, 4), 0);
        } else {
            assert_non_null(strstr(fault.text, NAMES[i]));
        }
        reflect_close(reflect);
    }
    reflect_close(NULL);
}

// Asks everything of a file that may be damaged.
static void ask_everything(Lib *sound, const char *path)
{
    static const char *const FUNCTIONS[] = {"inlined", "local", "chain", "element", "outside"};
    uint64_t registers[17] = {0};
    ReflectPlace places[REFLECT_INLINE_MAX];
    ReflectMachine machine = {.registers = registers, .read = read_process};
    char name[64];
    Fault fault = {0};
    Reflect *reflect = reflect_open(path, sound->base, &fault);

    if (!reflect) {
        assert_true(fault.text[0]);
        return;
    }
    for (size_t i = 0; i < COUNT_OF(FUNCTIONS); i++) {
        for (uintptr_t more = 0; more < 32; more += 5) {
            machine.pc = symbol(sound, FUNCTIONS[i]) + more;
            (void)reflect_places(reflect, machine.pc, places, COUNT_OF(places));
            (void)reflect_suspect(reflect, &machine,
                                  "g->boss->hp + m->next->hp + g->mobs[i]->id + elsewhere->boss", 4,
                                  name, sizeof name);
        }
    }
    reflect_close(reflect);
}

// Scenario: a library cut off at every 64th byte.
// Expect: a fault, or fewer places.
static void cut_off_anywhere(void **state)
{
    Fixture *fixture = *state;
    FileBytes bytes;
    Fault fault = {0};
    Lib lib;
    const char *path = in_folder(fixture, "cut.so");

    load(&lib, in_folder(fixture, "g51.so"));
    assert_true(file_read(&fixture->memory, lib.path, 64u << 20, &bytes, &fault));
    for (size_t length = 0; length < bytes.size_bytes; length += 64) {
        write_file(path, bytes.data, length);
        ask_everything(&lib, path);
    }
    unload(&lib);
}

// Where the file's sections .debug_* and .eh_frame* are: damage elsewhere is not our subject.
static size_t debug_ranges(const uint8_t *bytes, size_t ranges[][2], size_t max)
{
    Elf64_Ehdr head;
    Elf64_Shdr names, section;
    size_t count = 0;

    memcpy(&head, bytes, sizeof head);
    memcpy(&names, bytes + head.e_shoff + head.e_shstrndx * sizeof names, sizeof names);
    for (size_t i = 0; i < head.e_shnum && count < max; i++) {
        memcpy(&section, bytes + head.e_shoff + i * sizeof section, sizeof section);
        const char *name = (const char *)bytes + names.sh_offset + section.sh_name;
        if (strncmp(name, ".debug_", 7) == 0 || strncmp(name, ".eh_frame", 9) == 0) {
            ranges[count][0] = section.sh_offset;
            ranges[count++][1] = section.sh_size;
        }
    }
    return count;
}

// Scenario: bits of the debug information are turned over, some at a time, a few hundred times,
//           gcc's and clang's, DWARF 4 and 5. REFLECT_TEST_ROUNDS=N in the environment: N times.
// Expect: no crash and no endless loop.
static void bits_turned_over(void **state)
{
    static const char *const FILES[] = {"g41.so", "g52.so", "c42.so", "c51.so"};
    Fixture *fixture = *state;
    const char *path = in_folder(fixture, "turned.so");
    const char *wanted = getenv("REFLECT_TEST_ROUNDS");
    int rounds = wanted ? atoi(wanted) : 100;
    unsigned seed = wanted && strchr(wanted, ':') ? (unsigned)atoi(strchr(wanted, ':') + 1) : 7;

    for (size_t f = 0; f < COUNT_OF(FILES); f++) {
        FileBytes bytes;
        Fault fault = {0};
        size_t ranges[32][2], count;
        Lib lib;
        load(&lib, in_folder(fixture, FILES[f]));
        assert_true(file_read(&fixture->memory, lib.path, 64u << 20, &bytes, &fault));
        uint8_t *broken = arena_push(&fixture->memory, bytes.size_bytes, 16, 1);
        count = debug_ranges(bytes.data, ranges, COUNT_OF(ranges));
        assert_true(count > 5);
        for (int round = 0; round < rounds; round++) {
            memcpy(broken, bytes.data, bytes.size_bytes);
            for (int i = 0; i < 1 + round % 24; i++) {
                const size_t *range = ranges[(unsigned)rand_r(&seed) % count];
                broken[range[0] + (unsigned)rand_r(&seed) % range[1]] ^=
                    (uint8_t)(1u << ((unsigned)rand_r(&seed) % 8));
            }
            write_file(path, broken, bytes.size_bytes);
            ask_everything(&lib, path);
        }
        unload(&lib);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inlined_calls_have_their_places),
        cmocka_unit_test(as_many_places_as_fit),
        cmocka_unit_test(the_null_pointer_is_named),
        cmocka_unit_test(a_wild_pointer_is_named),
        cmocka_unit_test(two_that_fit_are_none),
        cmocka_unit_test(without_values_types_must_do),
        cmocka_unit_test(what_has_no_debug_information),
        cmocka_unit_test(cut_off_anywhere),
        cmocka_unit_test(bits_turned_over),
    };
    return cmocka_run_group_tests(tests, open_everything, close_everything);
}
