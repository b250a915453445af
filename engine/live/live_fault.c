// What a call into the game that ended early leaves behind: which build plays on, and from where.
#include "live_internal.h"

#include <string.h>

void live_tell_guard(Live *live)
{
    GuardCode code[LIVE_RETIRED_MAX + 1];
    size_t count = 0;
    for (uint32_t i = 0; i <= live->retired_count; i++) {
        const GameLib *lib = i == 0 ? &live->now : &live->retired[i - 1].lib;
        if (lib->handle) {
            code[count++] = (GuardCode){lib->image_first, lib->image_end};
        }
    }
    guard_set_code(live->config.guard, code, count);
}

size_t live_libs(const Live *live, uint64_t generation, const GameLib **libs)
{
    size_t count = 0;
    if (live->now.handle) {
        libs[count++] = &live->now;
    }
    for (uint32_t i = 0; i < live->retired_count; i++) {
        libs[count++] = &live->retired[i].lib;
        if (live->retired[i].generation == generation) {
            const GameLib *first = libs[0];
            libs[0] = libs[count - 1];
            libs[count - 1] = first;
        }
    }
    return count;
}

// In which function of the game a promise was broken; what a crash was in is the report's to say.
static void name_place(Live *live, Fault *fault)
{
    uintptr_t offset;
    // One byte back: a call may be the last thing in its function.
    const char *function = live->host->stop_caller
                               ? gamelib_symbol_at(&live->now, live->host->stop_caller - 1, &offset)
                               : NULL;
    if (function && strncmp(function, "hl_thunk_", 9) == 0) {
        function += 9; // HL_GAME's wrapper, with the game's own function inlined into it
    }
    if (!fault->file[0] && function) {
        (void)text_format(fault->file, sizeof(fault->file), "%.*s()", (int)strcspn(function, "."),
                          function);
    }
}

// What the new structs have no room for is gone from the moments that the new build made, so the
// one before goes on from its own last one: that is less than a second ago.
static bool go_back_in_time(Live *live, const LiveRetired *previous)
{
    TimelineMoment moment;
    TimelinePlace reached;
    Fault ignored;
    if (!live_structs_differ(&previous->lib, &live->now)) {
        return true;
    }
    if (!live->timeline) {
        return live_has_types(&previous->lib) && live_has_types(&live->now);
    }
    TimelinePlace to = timeline_here(live->timeline);
    while (timeline_moment(live->timeline, to, &moment) && moment.build == live->generation) {
        to.at--;
    }
    if (!timeline_seek(live->timeline, to, &reached, &ignored)) {
        return false;
    }
    live->fitted = live_build_here(live);
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    live->moment = live->base + reached.at;
    return true;
}

// The build before plays on from the last good tick. The one that died stays loaded as long as the
// state points into it, like any old build.
static bool go_back_a_build(Live *live)
{
    int index = live->previous ? live_index_of(live, live->previous) : -1;
    if (index < 0) {
        return false;
    }
    LiveRetired previous = live->retired[index];
    bool is_same = live_has_same_sources(&previous.lib, &live->now);
    if (!go_back_in_time(live, &previous)) {
        return false;
    }
    live->retired_count--;
    memmove(&live->retired[index], &live->retired[index + 1],
            (live->retired_count - (uint32_t)index) * sizeof(LiveRetired));
    (void)live_retire(live, &live->now, live->generation); // there is room: one has just gone
    live->now = previous.lib;
    live->generation = previous.generation;
    live->now_capture = live->captures + 1;
    live->swapped_tick = live_tick_number(live);
    live_safety_end(live);
    live_tell_guard(live);
    live->previous = live->before_previous;
    live->before_previous = 0;
    live->build_ticks = is_same ? live->edit_ticks : 0;
    live->reloaded |= !is_same;
    live->end.is_tier = is_same;
    live_fast_begin(live);
    live_keep(live);
    live_record_build(live, is_same);
    return true;
}

bool live_end_call(Live *live, bool undone, Fault *fault)
{
    uint64_t generation = live->generation;
    if (live->stopped.kind != FAULT_NONE) {
        return false; // it is known why; this came of looking at it
    }
    if (fault->kind != FAULT_CRASH && fault->kind != FAULT_GAME) {
        live->stopped = *fault; // no memory for the state, say: nothing ended early
        return false;
    }
    name_place(live, fault);
    live->end = (LiveEnd){.is_new = true,
                          .undone = undone,
                          .after_seconds = (double)live->build_ticks / live_tick_rate(live),
                          .report = live->host->report,
                          .call = live->host->call,
                          .generation = generation};
    // In doubt about a lock the process is replaced, and the one that comes shows what died here.
    if (undone && !live->end.report.doubt && go_back_a_build(live)) {
        live->end.put_aside = generation;
    } else {
        live->stopped = *fault;
    }
    Fault why;
    if (!live_fit(live, &why)) {
        live->stopped = why;
    }
    live_note_jump(live);
    return false;
}

void live_end_elsewhere(Live *live, const GuardReport *report, Fault *fault)
{
    Fault ignored;
    (void)fault_set(fault, FAULT_CRASH, "%s",
                    report->stray ? "a thread of the game crashed" : "the game was ended");
    bool undone =
        live->timeline ? timeline_undo(live->timeline, NULL, &ignored) : live_safety_undo(live);
    if (undone) {
        live->fitted = live_build_here(live);
        host_attach(live->host, live->state.base, live->state.reserve_bytes);
    }
    live->host->report = *report;
    live->host->call = report->stray                       ? "thread"
                       : strcmp(report->call, "draw") == 0 ? "draw"
                       : strcmp(report->call, "init") == 0 ? "init"
                                                           : "update";
    live->stopped = (Fault){0};
    live->previous = report->stray ? 0 : live->previous;
    (void)live_end_call(live, undone, fault);
}

bool live_where(const Live *live, uintptr_t address, char *out, size_t out_bytes)
{
    uintptr_t state = (uintptr_t)live->state.base;
    bool is_state = live->host && live->host->heap && address - state < live->state.reserve_bytes;
    bool is_global =
        address - live->now.globals_first < live->now.globals_end - live->now.globals_first;
    if (is_state || is_global) {
        live_explain(live, (const uint8_t *)address, out, out_bytes);
    }
    return is_state || is_global;
}
