// The state over a change of its structs: a plan from the build that made it to the build that
// plays, carried out on the memory as it is. What cannot be decided leaves everything as it was.
#include "live_internal.h"

#include <string.h>

enum { RENAMES_MAX = 4096 };

// New names of fields that were found out at a swap: a moment from before it needs them when a
// later build plays, whose sources say nothing of it any more.
typedef struct Renamed {
    uint64_t generation; // that brought the new name
    ReflectRename rename;
} Renamed;

struct LiveRenames {
    Renamed all[RENAMES_MAX];
    uint32_t count;
};

struct LiveMigration {
    ReflectMatch *match;
    Migrate *migrate;
    ReflectRename *found; // fields that have a new name since the old build
    uint32_t found_count;
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

// --------------------------------------------------------------------------------------- renames

static bool is_field(const ReflectRename *rename, const char *type, const char *name)
{
    return strcmp(rename->type, type) == 0 && strcmp(rename->name, name) == 0;
}

// hp became health, and health life: hp is life.
static void add_rename(ReflectRename *renames, uint32_t *count, ReflectRename rename)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (is_field(&renames[i], rename.type, rename.old)) {
            renames[i].name = rename.name;
            return;
        }
    }
    renames[(*count)++] = rename;
}

// Those between two builds, in the direction that is gone.
static ReflectRename *renames_between(const Live *live, Arena *arena, uint64_t from, uint64_t to,
                                      uint32_t *count)
{
    const LiveRenames *known = live->renames;
    ReflectRename *renames = ARENA_NEW(arena, ReflectRename, known->count + 1);
    *count = 0;
    for (uint32_t i = 0; i < known->count; i++) {
        const Renamed *one = &known->all[i];
        if (from < one->generation && one->generation <= to) {
            add_rename(renames, count, one->rename);
        }
    }
    for (uint32_t i = known->count; i-- > 0;) {
        const Renamed *one = &known->all[i];
        if (to < one->generation && one->generation <= from) {
            ReflectRename back = {one->rename.type, one->rename.old, one->rename.name};
            add_rename(renames, count, back);
        }
    }
    return renames;
}

static const char *keep_text(Live *live, const char *text)
{
    return arena_copy_text(&live->keep, text);
}

void live_keep_renames(Live *live, const LiveMigration *migration)
{
    LiveRenames *known = live->renames;
    for (uint32_t i = 0; migration && i < migration->found_count; i++) {
        const ReflectRename *found = &migration->found[i];
        if (known->count < RENAMES_MAX) {
            known->all[known->count++] =
                (Renamed){.generation = live->generation,
                          .rename = {keep_text(live, found->type), keep_text(live, found->name),
                                     keep_text(live, found->old)}};
        }
    }
}

LiveRenames *live_renames_open(Arena *arena)
{
    return ARENA_NEW(arena, LiveRenames, 1);
}

// ------------------------------------------------------------------------------------- the plan

static void find_renames(LiveMigration *migration, Arena *arena)
{
    const ReflectTable *from = reflect_match_from(migration->match);
    const ReflectTable *to = reflect_match_to(migration->match);
    uint32_t cursor = 0;
    migration->found = ARENA_NEW(arena, ReflectRename, RENAMES_MAX);
    for (uint32_t i = 1; i < from->type_count; i++) {
        const ReflectType *type = &from->types[i];
        uint32_t twin = type->kind == REFLECT_STRUCT && type->name[0]
                            ? struct_named(to, type->name, &cursor)
                            : 0;
        if (!twin || to->types[twin].shape == type->shape) {
            continue;
        }
        const ReflectPairing *pairing = reflect_pairing(migration->match, i, twin);
        for (uint32_t k = 0; k < pairing->pair_count; k++) {
            const ReflectPair *pair = &pairing->pairs[k];
            if ((pair->how == REFLECT_BY_WAS || pair->how == REFLECT_BY_GUESS)
                && migration->found_count < RENAMES_MAX) {
                migration->found[migration->found_count++] =
                    (ReflectRename){type->name, pair->to_name, pair->from_name};
            }
        }
    }
}

LiveTags *live_tags(const Live *live, Arena *arena)
{
    LiveTags *tags = ARENA_NEW(arena, LiveTags, 1);
    uint32_t cursor = 0;
    const HeapType *type;
    if (live->host->heap) {
        tags->names = arena_push(arena, HEAP_TYPE_NAME_MAX, 1, HEAP_TYPES_MAX);
        while ((type = heap_next_type(live->host->heap, &cursor))) {
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
    migration->match =
        reflect_match_open(arena, from->about, to->about, step->renames, step->rename_count);
    migration->migrate =
        migrate_open(arena, migration->match, from->game->state_type, to->game->state_type);
    for (uint32_t i = 0; i < tags->count; i++) {
        migrate_plan_for(migration->migrate, tags->names[i], 0);
    }
    find_renames(migration, arena);
    return migration;
}

LiveStep live_step_between(const Live *live, Arena *arena, const GameLib *from,
                           uint64_t from_generation, const GameLib *to, uint64_t to_generation)
{
    LiveStep step = {.from = from, .to = to};
    step.renames = renames_between(live, arena, from_generation, to_generation, &step.rename_count);
    return step;
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
    if (before->is_shadow) {
        (void)timeline_undo(live->timeline, NULL, &ignored);
    } else {
        memcpy(live->state.base, before->bytes, before->used);
    }
    if (reached > before->used && reached <= live->state.reserve_bytes) {
        memset(live->state.base + before->used, 0, reached - before->used);
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

static bool run(Live *live, LiveMigration *migration, const Before *before, const LiveStep *step,
                const MigrateOutside *outside, MigrateReport *report, Fault *fault)
{
    MigrateMemory memory = {.heap = live->host->heap,
                            .old = before->bytes + host_heap_offset(),
                            .root = live->host->state->root,
                            .root_align = step->to->game->state_align};
    void *root = memory.root;
    list_variables(step->from, &live->carry_memory, &memory);
    if (!migrate_run(migration->migrate, &memory, outside, report, fault)) {
        return false;
    }
    if (live->host->state->root != memory.root) {
        live->host->state->root = memory.root;
    }
    return !step->to->game->migrate
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

bool live_migrate(Live *live, LiveMigration *migration, const LiveStep *step,
                  const MigrateOutside *outside, MigrateReport *report, Fault *fault)
{
    Before before = {0};
    if (!live->host->state->root) {
        return true; // init() has yet to run, or failed: there is no state
    }
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

uint64_t live_forward(void *migration, uint64_t word, uint32_t want, bool *gone)
{
    LiveMigration *own = migration;
    return migrate_word(own->migrate, word, want, gone);
}

bool live_has_moved(const LiveMigration *migration)
{
    return migration->migrate && !migrate_is_idle(migration->migrate);
}
