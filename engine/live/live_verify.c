// A tick that came out otherwise than it was recorded, in words: which field, what it was then and
// what it is now. Up to the tick before both runs were the same, so what the recorded one held is
// that and what the file says the tick changed. Where the file does not say, it is played on to the
// next state that the file holds whole; and else the pages are named that differ.
#include "live_internal.h"

#include "live_types.h"

#include <stdio.h>
#include <string.h>

// Contents: this run beside the recorded one, the tick itself, the next whole state.

enum { FIELDS_COUNTED = 9999 };
#define COPY_BYTES_MAX (1ull << 30)

// ------------------------------------------------------------- this run beside the recorded one

// What this run held, while memory holds what the recorded one did.
typedef struct Ours {
    Live *live;
    uint8_t *state, *globals;
    size_t state_bytes;
} Ours;

static bool keep_ours(Live *live, Arena *arena, Ours *ours)
{
    const GameLib *lib = &live->now;
    size_t globals = lib->globals_end - lib->globals_first;
    *ours = (Ours){.live = live, .state_bytes = host_state_bytes(live->host)};
    ours->state = arena_try_push(arena, 1, 16, ours->state_bytes);
    ours->globals = arena_try_push(arena, 1, 16, globals + 1);
    if (!ours->state || !ours->globals) {
        return false;
    }
    memcpy(ours->state, live->state.base, ours->state_bytes);
    memcpy(ours->globals, (const void *)lib->globals_first, globals);
    return true;
}

static bool read_ours(void *with, uintptr_t address, void *out, size_t bytes)
{
    const Ours *ours = with;
    const GameLib *lib = &ours->live->now;
    uintptr_t state = (uintptr_t)ours->live->state.base;
    FieldView view;
    Fault ignored;
    if (address >= state && address - state <= ours->state_bytes
        && bytes <= ours->state_bytes - (address - state)) {
        memcpy(out, ours->state + (address - state), bytes);
        return true;
    }
    if (address >= lib->globals_first && address <= lib->globals_end
        && bytes <= lib->globals_end - address) {
        memcpy(out, ours->globals + (address - lib->globals_first), bytes);
        return true;
    }
    return live_fields(ours->live, &view, &ignored) && field_read(&view, address, out, bytes);
}

// "hero.pos.x was 12.5, is 12.75 (and 3 more fields)"; false: no field differs.
static bool name_first(Live *live, Arena *arena, Ours *ours, char *out, size_t out_bytes)
{
    FieldView then, now;
    FieldDifference first, other;
    Fault ignored;
    unsigned more = 0;
    if (!live_fields(live, &then, &ignored)) {
        return false;
    }
    field_index(&then, arena);
    now = then;
    now.read = read_ours;
    now.with = ours;
    FieldWalk walk = {.view = &then};
    if (!field_next_difference(&walk, &now, &first)) {
        return false;
    }
    while (more < FIELDS_COUNTED && field_next_difference(&walk, &now, &other)) {
        more++;
    }
    (void)text_format(out, out_bytes, "%.300s was %s, is %s", first.path, first.a, first.b);
    size_t used = strlen(out);
    if (more > 0) {
        (void)text_format(out + used, out_bytes - used, " (and %u more field%s)", more,
                          more == 1 ? "" : "s");
    }
    return true;
}

// -------------------------------------------------------------------------------- the tick itself

// Memory is the moment before; of the first tick that is before init(), which the recorded run had
// behind it. What init() loads is no longer at hand, so then it is not known what it made.
static bool begin_tick(Live *live)
{
    Fault ignored;
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    return live->host->state->started
           || (live_start(live, &ignored) && live->host->loads_done == 0);
}

// Are the structs of what is alive laid out as in the build that was recorded? What a tick changed
// is told by places.
static bool has_same_structs(const Live *live)
{
    const LiveTypes *then = live_files_types(live, live->files->playing);
    const ReflectTable *now = live->now.about;
    HeapBlock block = {0};
    const char *seen = NULL;
    while (then && now && heap_next(live->host->heap, &block)) {
        if (block.type == seen) { // nearly always
            continue;
        }
        seen = block.type;
        uint32_t a = field_tag_type(&then->table, block.type, block.element_bytes);
        uint32_t b = field_tag_type(now, block.type, block.element_bytes);
        if (!a != !b || then->table.types[a].shape != now->types[b].shape) {
            return false;
        }
    }
    return true;
}

bool live_verify_name(Live *live, LiveVerify *verify)
{
    Arena arena;
    Fault ignored;
    Ours ours;
    const uint8_t *rows;
    size_t bytes;
    TimelinePlace here = timeline_here(live->timeline), before = here, reached;
    before.at--;
    if (!arena_open(&arena, 0, 4 * COPY_BYTES_MAX, &ignored)) {
        return false;
    }
    bool ok = has_same_structs(live)
              && replay_values(live->config.replay, live->moment, &arena, &rows, &bytes)
              && keep_ours(live, &arena, &ours)
              && timeline_seek(live->timeline, before, &reached, &ignored);
    if (ok) {
        ok = begin_tick(live) && live_changes_put(live, rows, bytes)
             && name_first(live, &arena, &ours, verify->where, sizeof(verify->where));
        (void)timeline_undo(live->timeline, NULL, &ignored);
        (void)timeline_seek(live->timeline, here, &reached, &ignored);
        host_attach(live->host, live->state.base, live->state.reserve_bytes);
    }
    arena_close(&arena);
    return ok;
}

// --------------------------------------------------------------------------- the next whole state

bool live_verify_name_later(Live *live, LiveVerify *verify)
{
    Arena arena;
    Fault ignored;
    Ours ours;
    ReplayState state;
    char what[600];
    size_t used = strlen(verify->where);
    if (!arena_open(&arena, 0, 4 * COPY_BYTES_MAX + ARENA_STATE_MAX, &ignored)) {
        return false;
    }
    bool ok = keep_ours(live, &arena, &ours)
              && replay_state(live->config.replay, live->moment, &arena, &state)
              && state.at == live->moment && live_state_put(live, &state, &ignored)
              && name_first(live, &arena, &ours, what, sizeof(what));
    if (ok) {
        (void)text_format(verify->where + used, sizeof(verify->where) - used,
                          "%sat moment %llu, the next that the file holds whole: %s",
                          used > 0 ? "; " : "", (unsigned long long)live->moment, what);
    }
    arena_close(&arena);
    return ok;
}
