// The seeds of reflect_fuzz.c: small libraries of every kind of debug information.
//
//   reflect_corpus_test                 all cases
//   reflect_corpus_test --corpus DIR    writes the seeds into the folder DIR
#include "reflect_table_testing.h"

#include <dirent.h>

#define CORPUS TEST_SOURCE_DIR "/engine/reflect/corpus"
enum { PLACE = 0x10000000, SEED_BYTES_MAX = 12 << 10 };

static const char ONE[] =
    "typedef float Scalar; typedef struct Mob Mob; typedef int Act(Mob *, int); struct Far;\n"
    "enum Mood { CALM, ANGRY = -3 }; typedef union { int i; Scalar f; } Any;\n"
    "struct Mob {\n"
    "    Act *act; Mob *next[2]; struct Far *far; Any any; struct { short a, b; };\n"
    "    enum Mood mood; unsigned bits : 3; _Bool on : 1; const char name[4];\n"
    "    _Alignas(32) volatile int v; double grid[2][3]; int tail[];\n"
    "};\n"
    "static Mob mob = {.tail = {1, 2}}; static struct { int on, n; } pieces;\n"
    "_Thread_local int own; static const int fixed = 3;\n"
    "static inline int step(Mob *m, int by)\n"
    "{\n"
    "    static int calls;\n"
    "    { static int calls; calls += by; }\n"
    "    calls++; pieces.n += by;\n"
    "    return m->mood + calls + fixed;\n"
    "}\n"
    "int act(Mob *m, int by)\n"
    "{\n"
    "    struct Local { int x; } *l = (void *)m;\n"
    "    return step(m, by) + step(&mob, 2) + l->x + own;\n"
    "}\n";
static const char TWO[] =
    "struct Far { int there; } far; typedef struct Far FarToo; FarToo too; int score = 3;\n"
    "int both(void) { static int calls; return ++calls + score; }\n";
static const char WAS[] =
    "#define PUT(n, text) static const char n[] __attribute__((section(\"hl_was\"), used)) = text\n"
    "PUT(a, \"Mob.mood=temper\"); PUT(b, \"struct Far.there=where\"); PUT(c, \"none\");\n"
    "struct Mob { int mood; } mob;\n";

typedef enum SeedParts {
    FOR_DEBUGGERS,
    WHOLE,
    CARRYING // for debuggers, with another library of the same sources for its types
} SeedParts;

typedef struct Seed {
    const char *name, *options, *sources;
    SeedParts parts;
} Seed;

static const Seed SEEDS[] = {
    {"gcc4", "gcc -gdwarf-4 -O0", "one.c two.c", FOR_DEBUGGERS},
    {"gcc4_2", "gcc -gdwarf-4 -O2", "one.c two.c", FOR_DEBUGGERS},
    {"gcc5", "gcc -gdwarf-5 -O0", "one.c two.c", FOR_DEBUGGERS},
    {"gcc5_2", "gcc -gdwarf-5 -O2", "one.c two.c", FOR_DEBUGGERS},
    {"clang4_2", "clang -gdwarf-4 -O2", "one.c two.c", FOR_DEBUGGERS},
    {"clang5", "clang -gdwarf-5 -O0", "one.c two.c", FOR_DEBUGGERS},
    {"clang5_2", "clang -gdwarf-5 -O2", "one.c two.c", FOR_DEBUGGERS},
    {"gcc64", "gcc -gdwarf-5 -gdwarf64 -O1", "two.c", FOR_DEBUGGERS},
    {"types", "gcc -gdwarf-4 -O1 -fdebug-types-section", "one.c two.c", FOR_DEBUGGERS},
    {"types5", "gcc -gdwarf-5 -O1 -fdebug-types-section", "one.c two.c", FOR_DEBUGGERS},
    {"packed", "gcc -gdwarf-5 -O1 -gz", "one.c two.c", FOR_DEBUGGERS},
    {"packed_old", "gcc -gdwarf-4 -O1 -Wl,--compress-debug-sections=zlib-gnu", "one.c two.c",
     FOR_DEBUGGERS},
    {"split", "gcc -gdwarf-5 -O1 -gsplit-dwarf", "two.c", FOR_DEBUGGERS},
    {"was", "gcc -gdwarf-5 -O1 -Wl,--build-id", "was.c", WHOLE},
    {"carries", "gcc -gdwarf-5 -O1", "one.c two.c", CARRYING},
};

static const char *const ALL_OPTIONS =
    "-nostdlib -fno-asynchronous-unwind-tables -Wl,--build-id=none -Wl,-z,noseparate-code "
    "-Wl,-z,norelro -Wl,--hash-style=gnu";

static void make_seed(Fixture *fixture, const Seed *seed, const char *folder)
{
    const char *out = arena_format(&fixture->memory, "%s/%s", folder, seed->name);

    build(fixture, "seed.so", arena_format(&fixture->memory, "%s %s", seed->options, ALL_OPTIONS),
          seed->sources);
    run(fixture, ".",
        arena_format(&fixture->memory,
                     "objcopy %s -R .debug_line -R .comment -R .debug_loclists -R .debug_loc -R "
                     ".debug_aranges -R .debug_frame -R .gnu.hash seed.so %s",
                     seed->parts == WHOLE ? "" : "--only-keep-debug", out));
    if (seed->parts == CARRYING) {
        build(fixture, "types.so",
              arena_format(&fixture->memory, "%s %s", seed->options, ALL_OPTIONS),
              arena_format(&fixture->memory, "%s -Wl,--build-id", seed->sources));
        run(fixture, ".",
            "objcopy -R .debug_line -R .comment -R .debug_loclists -R .eh_frame "
            "-R .debug_aranges -R .gnu.hash types.so");
        run(fixture, ".",
            arena_format(&fixture->memory, "objcopy --add-section .hotloop_types=types.so %s",
                         out));
    }
    run(fixture, ".", arena_format(&fixture->memory, "chmod 644 %s", out));
}

static int open_sources(void **state)
{
    static Fixture fixture;

    open_fixture(&fixture);
    write_text(&fixture, "one.c", ONE);
    write_text(&fixture, "two.c", TWO);
    write_text(&fixture, "was.c", WAS);
    *state = &fixture;
    return 0;
}

static void check_seed(const char *path, const char *name)
{
    Fault fault = {0};
    ReflectTable *table = reflect_table_open(path, PLACE, &fault);
    bool is_split = strcmp(name, "split") == 0, has_score = false;

    if (is_split) {
        assert_null(table);
        assert_non_null(strstr(fault.text, "-gsplit-dwarf"));
        return;
    }
    if (!table) {
        fail_msg("%s", fault.text);
    }
    for (uint32_t i = 0; i < table->variable_count; i++) {
        has_score |= strcmp(table->variables[i].name, "score") == 0;
    }
    assert_int_equal(table->rename_count, strcmp(name, "was") == 0 ? 2 : 0);
    assert_true(has_score || strcmp(name, "was") == 0);
    reflect_table_close(table);
}

// Scenario: the seeds of the repository, and those that this machine's compilers make.
// Expect: the same names, each small; each is read, but for the one that lies elsewhere. When
//         SEEDS change: rm engine/reflect/corpus/*, reflect_corpus_test --corpus that folder.
static void seeds_are_read(void **state)
{
    Fixture *fixture = *state;
    DIR *folder = opendir(CORPUS);
    size_t there = 0;

    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        there += entry->d_name[0] != '.';
    }
    closedir(folder);
    assert_int_equal(there, COUNT_OF(SEEDS));
    for (size_t i = 0; i < COUNT_OF(SEEDS); i++) {
        const char *stored = arena_format(&fixture->memory, CORPUS "/%s", SEEDS[i].name);
        FileBytes bytes;
        Fault fault = {0};
        assert_true(file_read(&fixture->memory, stored, SEED_BYTES_MAX, &bytes, &fault));
        check_seed(stored, SEEDS[i].name);
        make_seed(fixture, &SEEDS[i], fixture->folder);
        check_seed(in_folder(fixture, SEEDS[i].name), SEEDS[i].name);
    }
}

static int make_corpus(const char *folder)
{
    void *state;
    char *whole = realpath(folder, NULL);

    if (!whole || open_sources(&state) != 0) {
        return 1;
    }
    for (size_t i = 0; i < COUNT_OF(SEEDS); i++) {
        make_seed(state, &SEEDS[i], whole);
    }
    free(whole);
    return close_fixture(&state);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(seeds_are_read)};

    if (argc == 3 && strcmp(argv[1], "--corpus") == 0) {
        return make_corpus(argv[2]);
    }
    return cmocka_run_group_tests(tests, open_sources, close_fixture);
}
