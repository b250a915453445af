#include "migrate.h"

#include <string.h>

#include "migrate_parts.h"

// Contents: plans, runs, words, single objects.

// ------------------------------------------------------------------------------------------- plans

const ReflectTable *migrate_from(const Migrate *migrate)
{
    return reflect_match_from(migrate->match);
}

const ReflectTable *migrate_to(const Migrate *migrate)
{
    return reflect_match_to(migrate->match);
}

// Pointers that say something else now are not the same, in structs and arrays as well.
static bool variables_are_same(Migrate *migrate)
{
    const ReflectTable *from = migrate_from(migrate);

    for (uint32_t i = 0; i < from->variable_count; i++) {
        const ReflectVariable *twin = migrate_twin(migrate, i);
        if (!twin || from->variables[i].is_const) {
            continue;
        }
        uint32_t type = from->variables[i].type;
        if (!reflect_same_type(migrate->match, type, twin->type)
            || (migrate_has_words(migrate, type)
                && !migrate_program(migrate, type, twin->type)->is_same)) {
            return false;
        }
    }
    return true;
}

Migrate *migrate_open(Arena *arena, ReflectMatch *match, const char *root_from, const char *root_to)
{
    Migrate *migrate = ARENA_NEW(arena, Migrate, 1);

    migrate->arena = arena;
    migrate->match = match;
    migrate->root_from = root_from ? arena_copy_text(arena, root_from) : NULL;
    migrate->root_to = root_to ? arena_copy_text(arena, root_to) : NULL;
    migrate->traits = ARENA_NEW(arena, uint8_t, migrate_from(migrate)->type_count + 1);
    migrate->notes = ARENA_NEW(arena, Notes, 1);
    migrate->variables_are_same = variables_are_same(migrate);
    return migrate;
}

// And for what its pointers point to, and so on.
static void plan_program(Migrate *migrate, Program *program, int depth)
{
    if (!program || program->is_planned || depth > MIGRATE_DEPTH_MAX) {
        return;
    }
    program->is_planned = true;
    for (uint32_t i = 1; i < program->site_count; i++) {
        Want want = program->sites[i].want;
        if (want.from && want.to && !want.is_retyped
            && reflect_type(migrate_from(migrate), want.from)->bytes > 0
            && reflect_type(migrate_to(migrate), want.to)->bytes > 0) {
            plan_program(migrate, migrate_program(migrate, want.from, want.to), depth + 1);
        }
    }
}

static const Shape *planned_shape(Migrate *migrate, const char *tag, size_t element_bytes)
{
    bool is_root = migrate->root_from && migrate->root_to && strcmp(tag, migrate->root_from) == 0;
    uint32_t index = is_root ? migrate_root_shape(migrate, tag, element_bytes)
                             : migrate_shape(migrate, tag, element_bytes, 0);
    return &migrate->shapes[index];
}

void migrate_plan_for(Migrate *migrate, const char *tag, size_t element_bytes)
{
    const Shape *shape = planned_shape(migrate, tag, element_bytes);
    Program *program = shape->program, *tail = shape->tail;
    plan_program(migrate, program, 0);
    plan_program(migrate, tail, 0);
}

uint64_t migrate_written_bytes(Migrate *migrate, const char *tag, uint64_t live_bytes)
{
    const Program *program = planned_shape(migrate, tag, 0)->program;
    if (!program || program->is_same || program->from_bytes == 0) {
        return 0;
    }
    return live_bytes / program->from_bytes * program->to_bytes;
}

bool migrate_is_idle(const Migrate *migrate)
{
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        if (!shape->is_same || shape->trouble || shape->is_retyped || shape->is_doubtful) {
            return false;
        }
    }
    for (size_t i = 0; i < COUNT_OF(migrate->programs); i++) {
        for (const Program *program = migrate->programs[i]; program; program = program->next) {
            if (!program->is_same) {
                return false;
            }
        }
    }
    return migrate->variables_are_same;
}

// -------------------------------------------------------------------------------------------- runs

static void forget_notes(Migrate *migrate)
{
    migrate->notes->count = 0;
    migrate->notes->lost = migrate->notes->gone = 0;
    migrate->notes->refused = migrate->notes->objects = 0;
    for (size_t i = 0; i < COUNT_OF(migrate->programs); i++) {
        for (const Program *program = migrate->programs[i]; program; program = program->next) {
            for (uint32_t k = 1; k < program->site_count; k++) {
                memset(program->sites[k].notes, 0, sizeof program->sites[k].notes);
                program->sites[k].near = (Span){0};
            }
        }
    }
}

static void note_trouble(Migrate *migrate)
{
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        if (shape->blocks > 0 && shape->trouble) {
            char text[MIGRATE_TEXT_MAX];
            (void)text_format(text, sizeof text,
                              "%s (%llu bytes each), so it is not known how to lay them out anew: "
                              "allocate them as what they are (hl_new), or start afresh",
                              shape->trouble, (unsigned long long)shape->element_bytes);
            migrate_note_named(migrate->notes, MIGRATE_REFUSED, shape->tag,
                               arena_copy_text(migrate->arena, text));
        }
    }
}

static bool has_work(const Migrate *migrate)
{
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        if (shape->blocks > 0 && (!shape->is_same || shape->is_retyped)) {
            return true;
        }
    }
    return false;
}

static bool move_everything(Migrate *migrate, MigrateMemory *memory, const MigrateOutside *outside,
                            Fault *fault)
{
    Run run = {.migrate = migrate,
               .outside = outside,
               .notes = migrate->notes,
               .is_decided = memory->is_decided};
    Map *map = &migrate->map;

    migrate_map_index(migrate);
    if (!migrate_place_blocks(migrate, memory, fault)) {
        return false;
    }
    migrate_map_rows(migrate);
    migrate_run_blocks(&run, memory);
    if (memory->root) {
        const Block *root = migrate_block_at(map, (uint64_t)(uintptr_t)memory->root);
        if (root && root->from == (uint64_t)(uintptr_t)memory->root) {
            memory->root = (void *)(uintptr_t)root->to;
        }
    }
    return true;
}

bool migrate_run(Migrate *migrate, MigrateMemory *memory, const MigrateOutside *outside,
                 MigrateReport *report, Fault *fault)
{
    bool is_done = true, is_decided = false, some_are_open;

    forget_notes(migrate);
    migrate->map.is_open = false;
    if (!migrate_read_blocks(migrate, memory, &some_are_open)) {
        migrate_report_close(migrate, migrate->notes, report, NULL);
        return heap_check(memory->heap, fault)
               && fault_set(fault, FAULT_GAME, "the bookkeeping of the game's memory is damaged");
    }
    if (some_are_open) {
        migrate_reach(migrate, memory);
    }
    migrate_settle_doubts(migrate, memory);
    migrate_retarget(migrate, memory);
    note_trouble(migrate);
    if (migrate->notes->refused == 0 && (has_work(migrate) || outside)) {
        is_done = move_everything(migrate, memory, outside, fault);
        is_decided = memory->is_decided;
    }
    migrate_report_close(migrate, migrate->notes, report, is_done && !is_decided ? fault : NULL);
    return is_done && (report->refused == 0 || is_decided);
}

// ------------------------------------------------------------------------------------------- words

uint64_t migrate_word(Migrate *migrate, uint64_t word, uint32_t want, uint32_t want_to, bool *gone)
{
    uint64_t high = word >> 48 << 48;
    *gone = false;
    if (!migrate->map.is_open || (word - high) - migrate->map.first >= migrate->map.span) {
        return word;
    }
    Want wanted = {.from = want, .to = want ? migrate_counterpart(migrate, want) : 0};
    const Block *block = migrate_block_at(&migrate->map, word - high);
    const Shape *shape = block ? &migrate->shapes[block->shape] : NULL;
    if (shape && shape->from == want && want) {
        wanted.to = shape->to;
    }
    if (want && want_to && migrate_is_retyped(migrate, want, want_to)) {
        wanted.to = want_to;
        wanted.is_retyped = true;
    }
    Found found = migrate_find_pointer(migrate, word - high, &wanted);
    if (found.verdict == WORD_OTHER || found.verdict == WORD_FOUND) {
        return found.verdict == WORD_OTHER ? word : found.word | high;
    }
    *gone = true;
    return 0;
}

// ---------------------------------------------------------------------------------- single objects

bool migrate_value(Migrate *migrate, uint32_t from, uint32_t to, const uint8_t *old, uint8_t *out,
                   const char *name, MigrateReport *report)
{
    Program *program = migrate_program(migrate, from, to);
    Run run = {.migrate = migrate,
               .notes = migrate->notes,
               .program = program,
               .old = old,
               .name = name,
               .is_alone = true};

    forget_notes(migrate);
    memset(out, 0, program->to_bytes);
    Lanes one = {.count = 1, .from = {old}, .to = {out}};
    migrate_run_ops(&run, program, program->ops, program->op_count, &one, 0, 0);
    migrate_report_close(migrate, migrate->notes, report, NULL);
    return report->refused == 0;
}
