// migrate_rounds [--seconds N] [--rounds N] [--seed N] [--compiler CC] [--keep]: random edits of
// random structs, compared with what the compiler says (rounds.h). Exit code 1 when something was
// wrong: which, and the folder with both sources, is said.
#include "rounds.h"

#include "heap.h"
#include "migrate.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BATCH_ROUNDS = 40, EXPECTED_MAX = 4096, HEAP_BYTES = 8 << 20, SHOWN_MAX = 20 };

typedef struct Expected {
    int fate; // 0: lost, 1: gone
    char name[96];
} Expected;

typedef struct Session {
    Arena keep, scratch, state, copy;
    uint64_t seconds, rounds, seed;
    const char *compiler;
    bool keeps;
    char folder[64];
    Heap *heap;
    void *root;
    MigrateReport report;
    Expected *expected;
    uint32_t expected_count, bad;
} Session;

typedef void *(*Take)(void *, const char *, size_t, size_t, size_t);
typedef void (*Bad)(void *, int, int, const char *);
typedef void (*Named)(void *, int, const char *);

typedef struct Build {
    void *handle;
    ReflectTable *table;
} Build;

// ----------------------------------------------------------------------------- what the code calls

static void *take(void *with, const char *type, size_t size, size_t align, size_t count)
{
    Session *session = with;
    void *data = heap_alloc(session->heap, type, size, align, count);
    if (!data) {
        fprintf(stderr, "migrate_rounds: the heap is full\n");
        exit(EXIT_BUG);
    }
    return data;
}

static void complain(void *with, int round, int line, const char *what)
{
    Session *session = with;
    if (session->bad++ < SHOWN_MAX) {
        fprintf(stderr, "round %d: v2.c:%d: not so: %s\n", round, line, what);
    }
}

// Elements count as their array.
static void strip_indices(const char *name, char *out, size_t out_bytes)
{
    size_t length = 0;
    bool is_inside = false;
    for (const char *at = name; *at && length + 1 < out_bytes; at++) {
        is_inside = is_inside || *at == '[';
        if (!is_inside) {
            out[length++] = *at;
        }
        is_inside = is_inside && *at != ']';
    }
    out[length] = '\0';
}

static void expect_named(void *with, int fate, const char *name)
{
    Session *session = with;
    for (uint32_t i = 0; i < session->expected_count; i++) {
        if (session->expected[i].fate == fate && strcmp(session->expected[i].name, name) == 0) {
            return;
        }
    }
    if (session->expected_count < EXPECTED_MAX) {
        Expected *expected = &session->expected[session->expected_count++];
        expected->fate = fate;
        (void)text_format(expected->name, sizeof expected->name, "%s", name);
    }
}

// ----------------------------------------------------------------------------------------- a batch

static bool compile(const Session *session)
{
    char command[512];
    (void)text_format(command, sizeof command,
                      "cd %s && { %s -g -O0 -shared -fPIC -w v1.c -o v1.so & p=$!; "
                      "%s -g -O0 -shared -fPIC -w v2.c -o v2.so && wait $p; }",
                      session->folder, session->compiler, session->compiler);
    return system(command) == 0;
}

static bool load(const Session *session, Build *build, const char *name, Fault *fault)
{
    char path[128];
    Dl_info info;
    (void)text_format(path, sizeof path, "%s/%s.so", session->folder, name);
    build->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!build->handle || !dladdr(dlsym(build->handle, "test_here"), &info)) {
        return fault_set(fault, FAULT_LIBRARY, "%s: %s", path, dlerror());
    }
    build->table = reflect_table_open(path, (uintptr_t)info.dli_fbase, fault);
    return build->table != NULL;
}

static void unload(Build *build)
{
    reflect_table_close(build->table);
    if (build->handle) {
        (void)dlclose(build->handle);
    }
}

static void fill(Session *session, const Build *build)
{
    void (*call)(void *, void *, Take);

    arena_reset(&session->state, 0);
    arena_reset(&session->copy, 0);
    session->heap = heap_init(arena_push(&session->state, 1, PAGE_BYTES, HEAP_BYTES), HEAP_BYTES);
    session->root = take(session, "Game", *(size_t *)dlsym(build->handle, "test_size"),
                         *(size_t *)dlsym(build->handle, "test_align"), 1);
    *(void **)&call = dlsym(build->handle, "test_fill");
    call(session->root, session, take);
}

static bool migrate_batch(Session *session, const Build *before, const Build *after, Fault *fault)
{
    ReflectMatch *match =
        reflect_match_open(&session->scratch, before->table, after->table, NULL, 0);
    Migrate *migrate = migrate_open(&session->scratch, match, "Game", "Game");
    size_t used = heap_used_bytes(session->heap);
    uint8_t *old = arena_push(&session->copy, 1, PAGE_BYTES, used);
    MigrateMemory memory = {
        .heap = session->heap, .old = old, .root = session->root, .root_align = 64};

    memcpy(old, session->heap, used);
    session->report.items = ARENA_NEW(&session->scratch, MigrateItem, MIGRATE_ITEMS_MAX);
    bool is_done = migrate_run(migrate, &memory, NULL, &session->report, fault);
    session->heap = memory.heap;
    session->root = memory.root;
    return is_done && heap_check(session->heap, fault);
}

static const MigrateItem *find_item(const Session *session, const Expected *expected)
{
    for (uint32_t i = 0; i < session->report.item_count; i++) {
        const MigrateItem *item = &session->report.items[i];
        char name[160];
        strip_indices(item->name, name, sizeof name);
        if ((int)item->fate == expected->fate && strcmp(name, expected->name) == 0) {
            return item;
        }
    }
    return NULL;
}

static void compare_report(Session *session)
{
    for (uint32_t i = 0; i < session->expected_count; i++) {
        const Expected *expected = &session->expected[i];
        if (!find_item(session, expected) && session->report.item_count < MIGRATE_ITEMS_MAX
            && session->bad++ < SHOWN_MAX) {
            fprintf(stderr, "not named: %s %s\n", expected->fate ? "gone" : "lost", expected->name);
        }
    }
    for (uint32_t i = 0; i < session->report.item_count; i++) {
        const MigrateItem *item = &session->report.items[i];
        Expected named = {.fate = (int)item->fate};
        uint32_t known = session->expected_count;
        strip_indices(item->name, named.name, sizeof named.name);
        expect_named(session, named.fate, named.name);
        if (known < session->expected_count && session->bad++ < SHOWN_MAX) {
            fprintf(stderr, "a false alarm: %s\n", item->text);
        }
    }
}

static void check(Session *session, const Build *after)
{
    void (*verify)(void *, void *, Bad, Named);
    *(void **)&verify = dlsym(after->handle, "test_verify");
    verify(session->root, session, complain, expect_named);
    compare_report(session);
}

static bool run_batch(Session *session, uint64_t seed)
{
    Batch batch = {.arena = &session->scratch, .random = seed * 0x9e3779b97f4a7c15ull + 1};
    Build before = {0}, after = {0};
    Fault fault = {0};

    session->bad = 0;
    session->expected_count = 0;
    batch_make(&batch, BATCH_ROUNDS);
    bool is_ready = batch_write(&batch, session->folder, &fault) && compile(session)
                    && load(session, &before, "v1", &fault) && load(session, &after, "v2", &fault);
    if (is_ready) {
        fill(session, &before);
        is_ready = migrate_batch(session, &before, &after, &fault);
        if (is_ready) {
            check(session, &after);
        }
    }
    if (!is_ready) {
        fprintf(stderr, "%s\n", fault.text);
        for (uint32_t i = 0; i < session->report.item_count && i < 4; i++) {
            fprintf(stderr, "  %s\n", session->report.items[i].text);
        }
    }
    unload(&before);
    unload(&after);
    arena_reset(&session->scratch, 0);
    return is_ready && session->bad == 0;
}

// ------------------------------------------------------------------------------------- the program

static bool take_number(int *at, int count, char **arguments, const char *name, uint64_t *value)
{
    return strcmp(arguments[*at], name) == 0 && *at + 1 < count
           && text_to_u64(arguments[++*at], 0, UINT64_MAX, value);
}

static bool read_arguments(Session *session, int count, char **arguments)
{
    session->compiler = "gcc";
    session->seed = 1;
    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--keep") == 0) {
            session->keeps = true;
        } else if (strcmp(arguments[i], "--compiler") == 0 && i + 1 < count) {
            session->compiler = arguments[++i];
        } else if (!take_number(&i, count, arguments, "--seconds", &session->seconds)
                   && !take_number(&i, count, arguments, "--rounds", &session->rounds)
                   && !take_number(&i, count, arguments, "--seed", &session->seed)) {
            return false;
        }
    }
    return true;
}

static bool is_over(const Session *session, uint64_t started, uint64_t rounds)
{
    if (session->rounds) {
        return rounds >= session->rounds;
    }
    return mono_ns() - started >= (session->seconds ? session->seconds : 10) * NS_PER_S;
}

static void remove_folder(const Session *session)
{
    char command[128];
    (void)text_format(command, sizeof command, "rm -rf %s", session->folder);
    if (!session->keeps && system(command) != 0) {
        fprintf(stderr, "%s stays\n", session->folder);
    }
}

int main(int count, char **arguments)
{
    Session session = {0};
    Fault fault;
    uint64_t started = mono_ns(), rounds = 0;

    if (!read_arguments(&session, count, arguments)) {
        fprintf(stderr, "usage: migrate_rounds [--seconds N | --rounds N] [--seed N] "
                        "[--compiler CC] [--keep]\n");
        return EXIT_USAGE;
    }
    strcpy(session.folder, "/tmp/migrate-rounds-XXXXXX");
    if (!mkdtemp(session.folder) || !arena_open(&session.keep, 0, 1 << 20, &fault)
        || !arena_open(&session.scratch, 0, (size_t)1 << 30, &fault)
        || !arena_open(&session.state, 0, HEAP_BYTES + PAGE_BYTES, &fault)
        || !arena_open(&session.copy, 0, HEAP_BYTES + PAGE_BYTES, &fault)) {
        fprintf(stderr, "migrate_rounds: no room\n");
        return EXIT_BUG;
    }
    session.expected = ARENA_NEW(&session.keep, Expected, EXPECTED_MAX);
    for (uint64_t seed = session.seed; !is_over(&session, started, rounds); seed++) {
        if (!run_batch(&session, seed)) {
            fprintf(stderr,
                    "migrate_rounds: wrong; the sources are in %s. Again: migrate_rounds --seed "
                    "%llu --rounds 1 --compiler %s\n",
                    session.folder, (unsigned long long)seed, session.compiler);
            return EXIT_GAME;
        }
        rounds += BATCH_ROUNDS;
    }
    printf("migrate_rounds: %llu rounds from seed %llu on, all of them right\n",
           (unsigned long long)rounds, (unsigned long long)session.seed);
    remove_folder(&session);
    return EXIT_OK;
}
