// The state over a change of its structs: a plan from the build that made it to the build that
// plays, carried out on the memory as it is. What cannot be decided leaves everything as it was.
#include "live_internal.h"

#include <string.h>

struct LiveMigration {
    ReflectMatch *match;
    Migrate *migrate;
};

bool live_has_types(const GameLib *lib)
{
    const ReflectTable *table = lib->about;
    return table && !table->is_empty;
}

// The struct called so; 0: none.
static uint32_t struct_named(const ReflectTable *table, const char *name, uint32_t *cursor)
{
    // Tables list types in much the same order, so the next is mostly the one.
    for (uint32_t i = 0; i < table->type_count; i++) {
        uint32_t at = (*cursor + i) % table->type_count;
        const ReflectType *type = &table->types[at];
        if (type->kind == REFLECT_STRUCT && strcmp(type->name, name) == 0) {
            *cursor = at + 1;
            return at;
        }
    }
    return 0;
}

// Whether anything that a build keeps in its state or its variables is laid out otherwise: told by
// the shapes of the structs that have the same name, and of the root.
bool live_structs_differ(const GameLib *a, const GameLib *b)
{
    const ReflectTable *from = a->about, *to = b->about;
    if (a->game->state_size != b->game->state_size) {
        return true;
    }
    if (!live_has_types(a) || !live_has_types(b)) {
        return false;
    }
    uint32_t cursor = 0;
    for (uint32_t i = 1; i < from->type_count; i++) {
        const ReflectType *type = &from->types[i];
        if (type->kind == REFLECT_STRUCT && type->name[0]) {
            uint32_t twin = struct_named(to, type->name, &cursor);
            if (!twin || to->types[twin].shape != type->shape) {
                return true;
            }
        }
    }
    return false;
}

// ------------------------------------------------------------------------------------- the plan

LiveTags *live_tags(const Live *live, Arena *arena)
{
    LiveTags *tags = ARENA_NEW(arena, LiveTags, 1);
    uint32_t cursor = 0;
    const HeapType *type;
    if (live->host->heap) {
        tags->names = arena_push(arena, HEAP_TYPE_NAME_MAX, 1, HEAP_TYPES_MAX);
        tags->bytes = ARENA_NEW(arena, uint64_t, HEAP_TYPES_MAX);
        while ((type = heap_next_type(live->host->heap, &cursor))) {
            tags->bytes[tags->count] = type->live_bytes;
            memcpy(tags->names[tags->count++], type->name, HEAP_TYPE_NAME_MAX);
        }
    }
    return tags;
}

LiveMigration *live_migration_open(Arena *arena, const LiveStep *step, const LiveTags *tags)
{
    const GameLib *from = step->from, *to = step->to;
    LiveMigration *migration = ARENA_NEW(arena, LiveMigration, 1);
    if (!live_has_types(from) || !live_has_types(to)) {
        return migration;
    }
    migration->match = reflect_match_open(arena, from->about, to->about, NULL, 0);
    migration->migrate =
        migrate_open(arena, migration->match, from->game->state_type, to->game->state_type);
    for (uint32_t i = 0; i < tags->count; i++) {
        migrate_plan_for(migration->migrate, tags->names[i], 0);
    }
    return migration;
}

uint64_t live_migration_bytes(const LiveMigration *migration, const LiveTags *tags)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; migration->migrate && i < tags->count; i++) {
        bytes += migrate_written_bytes(migration->migrate, tags->names[i], tags->bytes[i]);
    }
    return bytes;
}

// --------------------------------------------------------------------------------- carrying it out

// The bytes as they are, to be read while the memory is written.
typedef struct Before {
    Arena copy;
    const uint8_t *bytes; // from the arena's first
    size_t used;
    bool is_shadow;
} Before;

static bool is_unwritten(Live *live)
{
    const DirtySpan *spans;
    size_t count;
    Fault ignored;
    return timeline_written(live->timeline, &spans, &count, &ignored) && count == 0;
}

static bool keep_before(Live *live, Before *before, Fault *fault)
{
    size_t known = 0;
    before->used = host_state_bytes(live->host);
    if (live->timeline && is_unwritten(live)) {
        before->bytes = timeline_shadow(live->timeline, &known);
        before->is_shadow = known >= before->used;
    }
    if (before->is_shadow) {
        return true;
    }
    if (!arena_open(&before->copy, 0, before->used + PAGE_BYTES, fault)) {
        return false;
    }
    uint8_t *copy = arena_try_push(&before->copy, 1, PAGE_BYTES, before->used);
    if (!copy) {
        return fault_set(fault, FAULT_MEMORY, "no memory for a copy of the state (%zu MiB)",
                         before->used >> 20);
    }
    memcpy(copy, live->state.base, before->used);
    before->bytes = copy;
    return true;
}

static void bring_back(Live *live, const Before *before)
{
    Fault ignored;
    size_t reached = host_state_bytes(live->host);
    if (reached > before->used && reached <= live->state.reserve_bytes) {
        memset(live->state.base + before->used, 0, reached - before->used);
    }
    if (before->is_shadow) { // the last, for afterwards nothing counts as written
        (void)timeline_undo(live->timeline, NULL, &ignored);
    } else {
        memcpy(live->state.base, before->bytes, before->used);
    }
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
}

// Variables of the old build that may point into the state.
static void list_variables(const GameLib *from, Arena *arena, MigrateMemory *memory)
{
    const ReflectTable *table = from->about;
    const uint8_t **bytes = ARENA_NEW(arena, const uint8_t *, table->variable_count + 1);
    uint32_t *types = ARENA_NEW(arena, uint32_t, table->variable_count + 1);
    for (uint32_t i = 0; i < table->variable_count; i++) {
        const ReflectVariable *variable = &table->variables[i];
        if (variable->address >= from->globals_first && variable->address < from->globals_end) {
            bytes[memory->variable_count] = (const uint8_t *)variable->address;
            types[memory->variable_count++] = variable->type;
        }
    }
    memory->variables = bytes;
    memory->variable_types = types;
}

// Pages that are followed are written at once then, and those that nobody ever wrote come at once.
static void expect(void *with, void *at, size_t bytes)
{
    const Live *live = with;
    size_t first = (size_t)((uint8_t *)at - live->state.base) / PAGE_BYTES;
    size_t end = ((size_t)((uint8_t *)at - live->state.base) + bytes) / PAGE_BYTES + 1;
    size_t written = live->state_top / PAGE_BYTES;
    end = end * PAGE_BYTES < live->state.used_bytes ? end : live->state.used_bytes / PAGE_BYTES;
    if (live->timeline) {
        timeline_expect(live->timeline, (uint32_t)first, (uint32_t)(end - first));
    }
    written = first > written ? first : written;
    if (end > written) {
        (void)arena_advise(live->state.base + written * PAGE_BYTES, (end - written) * PAGE_BYTES,
                           ARENA_FILL);
    }
}

static bool run(Live *live, LiveMigration *migration, const Before *before, const LiveStep *step,
                const MigrateOutside *outside, MigrateReport *report, Fault *fault)
{
    MigrateMemory memory = {.heap = live->host->heap,
                            .old = before->bytes + host_heap_offset(),
                            .root = live->host->state->root,
                            .root_align = step->to->game->state_align,
                            .expect = expect,
                            .expect_with = live};
    void *root = memory.root;
    memory.is_decided = !step->is_way && step->to->game->migrate;
    if (step->is_first) {
        list_variables(step->from, &live->carry_memory, &memory);
    }
    if (!migrate_run(migration->migrate, &memory, outside, report, fault)) {
        return false;
    }
    if (live->host->state->root != memory.root) {
        live->host->state->root = memory.root;
    }
    return step->is_way || !step->to->game->migrate
           || live_ask_game(live, step->from, before->bytes, before->used, root, fault);
}

// Sizes are all that is known.
static bool has_same_size(const LiveStep *step, Fault *fault)
{
    const hl_game *was = step->from->game, *is = step->to->game;
    if (was->state_size == is->state_size && was->state_align == is->state_align) {
        return true;
    }
    return fault_set(fault, FAULT_LAYOUT,
                     "%s was %zu bytes and is %zu in the new build, and without debug information "
                     "(-g) in both builds its fields cannot be told",
                     is->state_type, was->state_size, is->state_size);
}

static bool migrate_step(Live *live, LiveMigration *migration, const LiveStep *step,
                         const MigrateOutside *outside, MigrateReport *report, Fault *fault)
{
    Before before = {0};
    if (!migration->migrate) {
        return has_same_size(step, fault);
    }
    if (migrate_is_idle(migration->migrate)) {
        return true;
    }
    if (!keep_before(live, &before, fault)) {
        arena_close(&before.copy);
        return false;
    }
    bool ok = run(live, migration, &before, step, outside, report, fault);
    if (!ok) {
        bring_back(live, &before);
    }
    arena_close(&before.copy);
    return ok;
}

// Something of the old state found no place, or one that is only guessed.
static bool is_doubtful(const MigrateReport *report)
{
    bool guessed = false;
    for (uint32_t i = 0; i < report->item_count; i++) {
        guessed |= report->items[i].fate == MIGRATE_GUESS;
    }
    return guessed || report->lost > 0 || report->gone > 0;
}

// Over all the builds in between, as the state would have gone had it lived through their swaps.
static bool migrate_along(Live *live, LiveRoute *route, MigrateReport *report, Fault *fault)
{
    const MigrateOutside nothing = {0};
    route->migration_count = 0;
    for (uint32_t i = 0; i + 1 < route->count; i++) {
        bool is_last = i + 2 == route->count;
        LiveStep step = {.from = route->libs[i],
                         .to = route->libs[i + 1],
                         .is_first = i == 0,
                         .is_way = !is_last};
        LiveTags *tags = live_tags(live, &live->carry_memory);
        LiveMigration *migration = live_migration_open(&live->carry_memory, &step, tags);
        report->item_count = 0;
        report->lost = report->gone = 0;
        if (!migrate_step(live, migration, &step, is_last ? route->outside : &nothing, report,
                          fault)) {
            return false;
        }
        route->migrations[i] = migration;
        route->migration_count = i + 1;
    }
    return true;
}

static bool migrate_directly(Live *live, LiveRoute *route, LiveMigration *prepared,
                             MigrateReport *report, Fault *fault)
{
    LiveStep step = {.from = route->libs[0], .to = route->libs[route->count - 1], .is_first = true};
    LiveMigration *migration = prepared;
    if (!migration) {
        LiveTags *tags = live_tags(live, &live->carry_memory);
        migration = live_migration_open(&live->carry_memory, &step, tags);
    }
    route->migration_count = 0;
    route->migrations[0] = migration;
    bool ok = migrate_step(live, migration, &step, route->outside, report, fault);
    route->migration_count = 1;
    return ok;
}

bool live_migrate(Live *live, LiveRoute *route, LiveMigration *prepared, MigrateReport *report,
                  Fault *fault)
{
    Before before = {0};
    MigrateReport fresh = *report;
    if (!live->host->state->root) {
        return true; // init() has yet to run, or failed: there is no state
    }
    if (route->count == 2) {
        return migrate_directly(live, route, prepared, report, fault);
    }
    bool ok = keep_before(live, &before, fault);
    if (ok && !(ok = migrate_directly(live, route, NULL, report, fault))) {
        *report = fresh; // what two builds alone do not tell, those in between may
        ok = migrate_along(live, route, report, fault);
    } else if (ok && is_doubtful(report)) {
        Fault ignored;
        bring_back(live, &before);
        *report = fresh;
        if (!migrate_along(live, route, report, &ignored)) {
            bring_back(live, &before);
            *report = fresh;
            ok = migrate_directly(live, route, NULL, report, fault);
        }
    }
    if (!ok) {
        bring_back(live, &before);
    }
    arena_close(&before.copy);
    return ok;
}

uint64_t live_forward(void *route, uint64_t word, uint32_t want, uint32_t want_to, bool *gone)
{
    const LiveRoute *way = route;
    for (uint32_t i = 0; i < way->migration_count && !*gone; i++) {
        Migrate *migrate = way->migrations[i]->migrate;
        // What it points to is known in the first build's terms and the last one's only.
        bool is_only = way->migration_count == 1;
        word = migrate && !migrate_is_idle(migrate)
                   ? migrate_word(migrate, word, i == 0 ? want : 0, is_only ? want_to : 0, gone)
                   : word;
    }
    return word;
}

bool live_has_moved(const LiveRoute *route)
{
    bool moved = false;
    for (uint32_t i = 0; i < route->migration_count; i++) {
        Migrate *migrate = route->migrations[i]->migrate;
        moved |= migrate && !migrate_is_idle(migrate);
    }
    return moved;
}
