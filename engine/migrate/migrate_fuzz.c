// Any bytes as the types that a save or a recording carries: read, matched with others, and values
// and a whole state carried over, without a crash, a hang or a broken promise. Built and run by
// tools/fuzz; elsewhere this file is empty.
//
// A file is two packed tables, the old one's length (2 bytes) in front.
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
#include <stdlib.h>
#include <string.h>

#include "migrate.h"
#include "reflect_pack.h"

enum { TYPE_BYTES_MAX = 4096, ASKED_MAX = 12, HEAP_BYTES = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

typedef struct Fuzzed {
    Arena arena;
    ReflectTable from, to;
    ReflectMatch *match;
    Migrate *migrate;
    MigrateReport report;
} Fuzzed;

// Not assert: that may be off.
static void must(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void open_migrate(Fuzzed *fuzzed)
{
    Arena *arena = &fuzzed->arena;
    fuzzed->match = reflect_match_open(arena, &fuzzed->from, &fuzzed->to, NULL, 0);
    fuzzed->migrate = migrate_open(arena, fuzzed->match, "Game", "Game");
    fuzzed->report =
        (MigrateReport){.items = arena_push(arena, sizeof(MigrateItem), 8, MIGRATE_ITEMS_MAX)};
}

static bool is_asked_for(const ReflectType *type)
{
    return type->bytes > 0 && type->bytes <= TYPE_BYTES_MAX && type->name[0]
           && (type->kind == REFLECT_STRUCT || type->kind == REFLECT_UNION);
}

static uint32_t twin_of(const ReflectTable *table, const char *name)
{
    for (uint32_t i = 1; i < table->type_count; i++) {
        if (is_asked_for(&table->types[i]) && strcmp(table->types[i].name, name) == 0) {
            return i;
        }
    }
    return 0;
}

static void carry_value(Fuzzed *fuzzed, uint32_t from, uint32_t to)
{
    const ReflectType *was = &fuzzed->from.types[from];
    uint64_t place;
    // Blocks of their own, so that a byte too many is seen.
    uint8_t *old = malloc(was->bytes), *out = calloc(1, fuzzed->to.types[to].bytes);
    must(old && out);
    for (uint64_t i = 0; i < was->bytes; i++) {
        old[i] = (uint8_t)(i * 37 + from);
    }
    fuzzed->report.item_count = 0;
    (void)reflect_same_type(fuzzed->match, from, to);
    (void)migrate_value(fuzzed->migrate, from, to, old, out, "x", &fuzzed->report);
    for (uint64_t at = 0; at <= was->bytes; at += 3) {
        (void)reflect_pointee(&fuzzed->from, from, at);
        (void)reflect_place(fuzzed->match, from, to, at, 0, &place);
    }
    for (uint32_t i = 0; i < fuzzed->report.item_count; i++) {
        must(fuzzed->report.items[i].text[0] != '\0');
    }
    free(old);
    free(out);
}

static void carry_values(Fuzzed *fuzzed)
{
    uint32_t asked = 0;
    open_migrate(fuzzed);
    for (uint32_t i = 1; i < fuzzed->from.type_count && asked < ASKED_MAX; i++) {
        const ReflectType *type = &fuzzed->from.types[i];
        uint32_t twin = is_asked_for(type) ? twin_of(&fuzzed->to, type->name) : 0;
        if (twin) {
            carry_value(fuzzed, i, twin);
            asked++;
        }
    }
}

// Allocations of the old types, each with a pointer to the one before; returns one that may be the
// root.
static void *fill_heap(Fuzzed *fuzzed, Heap *heap)
{
    void *root = NULL, *last = NULL;
    uint32_t asked = 0;
    for (uint32_t i = 1; i < fuzzed->from.type_count && asked < ASKED_MAX; i++) {
        const ReflectType *type = &fuzzed->from.types[i];
        size_t count = 1 + i % 3;
        uint8_t *block = is_asked_for(type) && strlen(type->name) < HEAP_TYPE_NAME_MAX
                             ? heap_alloc(heap, type->name, type->bytes, 8, count)
                             : NULL;
        if (!block) {
            continue;
        }
        for (uint64_t n = 0; n < type->bytes * count; n++) {
            block[n] = (uint8_t)(n % 7 == 0 ? n : 0);
        }
        if (last && type->bytes >= 2 * sizeof(last)) {
            memcpy(block + type->bytes / 16 * 8, &last, sizeof(last));
        }
        migrate_plan_for(fuzzed->migrate, type->name, type->bytes);
        root = !root || strcmp(type->name, "Game") == 0 ? block : root;
        last = block;
        asked++;
    }
    return root;
}

static uint64_t turn(void *with, uint64_t word, uint32_t from, uint32_t to, const void *place)
{
    const Fuzzed *fuzzed = with;
    must(from < fuzzed->from.type_count && to < fuzzed->to.type_count && place != NULL);
    return word;
}

static void carry_state(Fuzzed *fuzzed)
{
    static void *memory;
    Fault fault = {0};
    memory = memory ? memory : aligned_alloc(PAGE_BYTES, HEAP_BYTES);
    must(memory != NULL);
    memset(memory, 0, HEAP_BYTES);
    Heap *heap = heap_init(memory, HEAP_BYTES);
    open_migrate(fuzzed);
    void *root = fill_heap(fuzzed, heap);
    if (!root || migrate_is_idle(fuzzed->migrate)) {
        return;
    }
    size_t used = heap_used_bytes(heap);
    uint8_t *copy = malloc(used);
    must(copy != NULL);
    memcpy(copy, heap, used);
    MigrateMemory state = {.heap = heap, .old = copy, .root = root, .root_align = 8};
    MigrateOutside outside = {.first = {0}, .span = {0x1000}, .turn = turn, .with = fuzzed};
    if (migrate_run(fuzzed->migrate, &state, &outside, &fuzzed->report, &fault)) {
        bool is_gone;
        must(heap_check(heap, &fault) && state.root != NULL);
        (void)migrate_word(fuzzed->migrate, (uint64_t)(uintptr_t)root, 0, 0, &is_gone);
    } else {
        must(fault.text[0] != '\0');
    }
    free(copy);
}

static bool read_table(Fuzzed *fuzzed, const uint8_t *data, size_t size_bytes, ReflectTable *table)
{
    Fault fault = {0};
    uint8_t *copy = malloc(size_bytes + 1);
    must(copy != NULL);
    memcpy(copy, data, size_bytes);
    bool ok = reflect_unpack(copy, size_bytes, &fuzzed->arena, table, &fault);
    must(ok || (fault.kind == FAULT_FORMAT && table->type_count == 1));
    free(copy);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static Fuzzed fuzzed;
    if (size_bytes < 2) {
        return 0;
    }
    size_t first = (size_t)data[0] | (size_t)data[1] << 8, rest = size_bytes - 2;
    first = first < rest ? first : rest;
    if (!fuzzed.arena.base) {
        must(arena_open(&fuzzed.arena, 0, 8ull << 30, NULL));
    }
    arena_release(&fuzzed.arena);
    if (read_table(&fuzzed, data + 2, first, &fuzzed.from)
        && read_table(&fuzzed, data + 2 + first, rest - first, &fuzzed.to)) {
        carry_values(&fuzzed);
        carry_state(&fuzzed);
    }
    return 0;
}
#endif
