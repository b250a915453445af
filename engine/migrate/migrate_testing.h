// What the tests of migrate share: two small builds that a compiler makes out of texts, a heap that
// the first one's code fills, its migration, and the report as text.
#ifndef MIGRATE_TESTING_H
#define MIGRATE_TESTING_H
#include "migrate.h"
#include "reflect_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef void *(*TestAlloc)(const char *type, size_t size, size_t align, size_t count);

typedef struct TestBuild {
    void *handle;
    ReflectTable *table;
} TestBuild;

typedef struct Test {
    char folder[64];
    Arena memory, state, copy;
    TestBuild before, after;
    Heap *heap;
    void *root;
    size_t heap_bytes; // 0: 4 MiB
    Migrate *migrate;
    MigrateReport report;
    Fault fault;
    bool done, has_no_outside;
    uint32_t turned;
    uint8_t *expected; // a byte a page of the heap that was told to be written; NULL: not asked
} Test;

#define TEST_PRELUDE                                                                               \
    "#include <stddef.h>\n#include <stdint.h>\n#include <stdbool.h>\n#include <string.h>\n"        \
    "static void *(*alloc)(const char *, size_t, size_t, size_t);\n"                               \
    "#define NEW(T, n) ((T *)alloc(#T, sizeof(T), _Alignof(T), (n)))\n"                            \
    "#define CHECK(x) do { if (!(x)) return __LINE__; } while (0)\n"                               \
    "#define HL_WAS(T, field, old) static const char was_##field[]"                                \
    " __attribute__((section(\"hl_was\"), used)) = #T \".\" #field \"=\" #old\n"

static inline void test_write(const Test *test, const char *name, const char *text)
{
    char path[128];
    (void)text_format(path, sizeof path, "%s/%s", test->folder, name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
    assert_int_equal(fclose(file), 0);
}

static inline void test_load(Test *test, const char *name, TestBuild *build)
{
    char path[128];
    void *known;
    (void)text_format(path, sizeof path, "%s/%s.so", test->folder, name);
    build->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!build->handle) {
        fail_msg("%s", dlerror());
    }
    known = dlsym(build->handle, "test_here");
    Dl_info info;
    assert_non_null(known);
    assert_true(dladdr(known, &info) != 0);
    build->table = reflect_table_open(path, (uintptr_t)info.dli_fbase, &test->fault);
    if (!build->table) {
        fail_msg("%s", test->fault.text);
    }
}

// `fill` and `check` are the bodies of functions of (Game *g); check says the line that is wrong.
static inline void test_build(Test *test, const char *compiler, const char *before,
                              const char *fill, const char *after, const char *check)
{
    static char text[1 << 16];
    char command[512];

    strcpy(test->folder, "/tmp/migrate-test-XXXXXX");
    assert_non_null(mkdtemp(test->folder));
    (void)text_format(text, sizeof text,
                      "%s%s\nGame *test_root; size_t test_size = sizeof(Game);\n"
                      "size_t test_align = _Alignof(Game);\nvoid test_here(void) {}\n"
                      "void test_fill(Game *g, void *(*with)(const char *, size_t, size_t, size_t))"
                      "\n{ alloc = with; test_root = g;\n%s\n}\n",
                      TEST_PRELUDE, before, fill);
    test_write(test, "v1.c", text);
    (void)text_format(text, sizeof text,
                      "%s%s\nGame *test_root; size_t test_size = sizeof(Game);\n"
                      "void test_here(void) {}\nint test_check(Game *g)\n{ (void)alloc;\n"
                      "#line 1\n%s\nreturn 0; }\n",
                      TEST_PRELUDE, after, check);
    test_write(test, "v2.c", text);
    (void)text_format(command, sizeof command,
                      "cd %s && (%s -g -shared -fPIC -w v1.c -o v1.so & "
                      "%s -g -shared -fPIC -w v2.c -o v2.so & wait)",
                      test->folder, compiler, compiler);
    assert_int_equal(system(command), 0);
    test_load(test, "v1", &test->before);
    test_load(test, "v2", &test->after);
}

static Test *test_now; // whose heap the old build's code takes from

static inline void *test_alloc(const char *type, size_t size, size_t align, size_t count)
{
    void *data = heap_alloc(test_now->heap, type, size, align, count);
    assert_non_null(data);
    return data;
}

static inline void *test_symbol(const TestBuild *build, const char *name)
{
    void *symbol = dlsym(build->handle, name);
    assert_non_null(symbol);
    return symbol;
}

static inline void test_fill(Test *test)
{
    size_t bytes = test->heap_bytes ? test->heap_bytes : (size_t)4 << 20;
    assert_true(arena_open(&test->memory, 0, (size_t)256 << 20, &test->fault));
    assert_true(arena_open(&test->state, 0, bytes, &test->fault));
    assert_true(arena_open(&test->copy, 0, bytes, &test->fault));
    test->heap = heap_init(arena_push(&test->state, 1, PAGE_BYTES, bytes), bytes);
    assert_non_null(test->heap);
    test_now = test;
    test->root = test_alloc("Game", *(size_t *)test_symbol(&test->before, "test_size"),
                            *(size_t *)test_symbol(&test->before, "test_align"), 1);
    void (*fill)(void *, TestAlloc);
    *(void **)&fill = test_symbol(&test->before, "test_fill");
    fill(test->root, test_alloc);
}

// By the function's or variable's name.
static inline uint64_t test_turn(void *with, uint64_t word, uint32_t from, uint32_t to,
                                 const void *place)
{
    Test *test = with;
    Dl_info info;
    (void)from;
    (void)to;
    (void)place;
    test->turned++;
    if (!dladdr((void *)(uintptr_t)word, &info) || !info.dli_sname) {
        return word;
    }
    uint64_t there = (uint64_t)(uintptr_t)dlsym(test->after.handle, info.dli_sname);
    return there ? there + (word - (uint64_t)(uintptr_t)info.dli_saddr) : 0;
}

static inline void test_expect(void *with, void *memory, size_t bytes)
{
    const Test *test = with;
    size_t first = (size_t)((uint8_t *)memory - (uint8_t *)test->heap) / PAGE_BYTES;
    size_t last = (size_t)((uint8_t *)memory + bytes - 1 - (uint8_t *)test->heap) / PAGE_BYTES;
    assert_true(bytes > 0 && last < heap_capacity_bytes(test->heap) / PAGE_BYTES);
    memset(test->expected + first, 1, last - first + 1);
}

static inline void test_plan(Test *test)
{
    ReflectMatch *match =
        reflect_match_open(&test->memory, test->before.table, test->after.table, NULL, 0);
    test->report.items = ARENA_NEW(&test->memory, MigrateItem, MIGRATE_ITEMS_MAX);
    test->migrate = migrate_open(&test->memory, match, "Game", "Game");
}

// With what test_plan made. `variable` may be NULL: a pointer of a variable, and its type.
static inline void test_run(Test *test, const void *const *variable, uint32_t type)
{
    Dl_info info;
    size_t used = heap_used_bytes(test->heap);
    arena_reset(&test->copy, 0);
    uint8_t *old = arena_push(&test->copy, 1, PAGE_BYTES, used);

    memcpy(old, test->heap, used);
    assert_true(dladdr(test_symbol(&test->before, "test_here"), &info) != 0);
    MigrateOutside outside = {.first = {(uint64_t)(uintptr_t)info.dli_fbase},
                              .span = {1 << 20},
                              .turn = test_turn,
                              .with = test};
    const uint8_t *bytes[] = {(const uint8_t *)variable};
    MigrateMemory memory = {.heap = test->heap,
                            .old = old,
                            .root = test->root,
                            .root_align = 16,
                            .variables = bytes,
                            .variable_types = &type,
                            .variable_count = variable ? 1 : 0,
                            .expect = test->expected ? test_expect : NULL,
                            .expect_with = test};
    test->done = migrate_run(test->migrate, &memory, test->has_no_outside ? NULL : &outside,
                             &test->report, &test->fault);
    test->heap = memory.heap;
    test->root = memory.root;
}

static inline void test_migrate(Test *test)
{
    test_plan(test);
    test_run(test, NULL, 0);
}

static inline int test_check(const Test *test)
{
    int (*check)(void *);
    *(void **)&check = test_symbol(&test->after, "test_check");
    return check(test->root);
}

// "lost Mob.hp, gone Game.boss": what the report names, in its order.
static inline void test_said(const Test *test, char *out, size_t out_bytes)
{
    static const char *const FATES[] = {"lost", "gone", "refused", "guess", "said"};
    out[0] = '\0';
    for (uint32_t i = 0; i < test->report.item_count; i++) {
        const MigrateItem *item = &test->report.items[i];
        size_t length = strlen(out);
        (void)text_format(out + length, out_bytes - length, "%s%s %s", i ? ", " : "",
                          FATES[item->fate], item->name);
    }
}

static inline void test_close(Test *test)
{
    char command[128];
    reflect_table_close(test->before.table);
    reflect_table_close(test->after.table);
    (void)dlclose(test->before.handle);
    (void)dlclose(test->after.handle);
    arena_close(&test->memory);
    arena_close(&test->state);
    arena_close(&test->copy);
    (void)text_format(command, sizeof command, "rm -rf %s", test->folder);
    assert_int_equal(system(command), 0);
}

#endif
