// Time: making moments, going to them, playing on from them, and loops. Moments of the session
// count everything since it began; the timeline's start at live->base, where history begins.
#include "live_internal.h"

#include <string.h>

enum { LOOP_TICKS_MAX = 24 * 60 * 60 * 60 }; // a day

// ---------------------------------------------------------------------------------------- history

void live_watch_globals(Live *live, const GameLib *lib)
{
    Fault fault;
    uint32_t first_page;
    if (live->timeline && lib->globals_end > lib->globals_first
        && !timeline_add_range(live->timeline, (uint8_t *)lib->globals_first,
                               lib->globals_end - lib->globals_first, &first_page, &fault)) {
        log_line(LOG_WARNING, "%s; its globals are not remembered, its state struct is",
                 fault.text);
    }
}

// The game plays on without it.
static void give_up(Live *live, const Fault *why)
{
    log_line(LOG_ERROR, "%s; no history from here on, the game plays on", why->text);
    live->history_fault = *why;
    live_end_history(live);
}

void live_end_history(Live *live)
{
    live_loop_forget(live);
    if (live->timeline) {
        timeline_close(live->timeline);
        live->timeline = NULL;
        live->hits_known = false;
        live->outside_count = 0;
        live->outside_full = false;
        arena_reset(&live->outside_memory, 0);
        arena_reset(&live->outside_bytes, 0);
    }
    live->wants_history = false;
}

// The state as it is becomes the first moment that is remembered.
bool live_begin_history(Live *live)
{
    live_safety_end(live);
    TimelineConfig config = {.budget_bytes = live->config.history_bytes,
                             .method = live->config.dirty,
                             .kept = live->config.kept};
    Fault fault;
    if (config.budget_bytes < (1u << 20)) {
        config.budget_bytes = 1u << 20; // a recording needs to know what changed, if only that
    }
    GuardDescriptors before;
    guard_see_descriptors(&before);
    live->timeline = timeline_open(&config, &fault);
    if (!live->timeline) {
        give_up(live, &fault);
        return false;
    }
    for (uint32_t i = 0; i < live->retired_count; i++) {
        live_watch_globals(live, &live->retired[i].lib);
    }
    live_watch_globals(live, &live->now);
    if (!timeline_begin(live->timeline, live->state.base, live->state.reserve_bytes,
                        host_state_bytes(live->host), &fault)) {
        give_up(live, &fault);
        return false;
    }
    guard_keep_new_descriptors(live->config.guard, &before);
    live->first_build = live->generation;
    live->let_go_build = 0;
    live_note_hits(live);
    live->base = live->moment;
    live->histories++;
    live_keep(live);
    live->host->outside_count = live->config.replay ? live->host->outside_count : 0; // noted anew
    live->captures++;
    live->hit_capture = live->captures; // what is in the state by now may be addresses
    live->recorded = (TimelinePlace){0};
    live->wants_history = false;
    if (live->hash) { // the first tick's changes are told from what was there before it
        LiveImages images;
        live_look(live, &images);
        (void)live_hash_all(live->hash, &images.view);
        live_record_look(live, &images.view);
    }
    return true;
}

bool live_remember(Live *live, Fault *fault)
{
    if (live->timeline) {
        return true;
    }
    if (live->config.history_bytes == 0) {
        return fault_set(fault, FAULT_USAGE,
                         "this session keeps no history (--history 0); everything else works");
    }
    if (live->history_fault.kind != FAULT_NONE) {
        *fault = live->history_fault;
        return false;
    }
    if (!live->now.game || !live->host->state || !live->host->state->started) {
        return fault_set(fault, FAULT_GAME, "there is nothing to remember yet: no tick has run");
    }
    if (!live_begin_history(live)) {
        *fault = live->history_fault;
        return false;
    }
    return true;
}

static bool note_branch(Live *live, TimelinePlace before, LiveTick *did)
{
    TimelinePlace here = timeline_here(live->timeline);
    if (here.branch == before.branch) {
        return false;
    }
    did->forked = live->loop != LIVE_LOOP_PLAY;
    if (live->loop == LIVE_LOOP_PLAY) {
        live->pass_branch = here.branch;
    }
    return true;
}

bool live_capture(Live *live, const hl_input *input, bool first_of_build, LiveTick *did,
                  TimelineCapture *took)
{
    TimelineMoment moment = {.restart = input == NULL,
                             .first_of_build = first_of_build,
                             .build = (uint32_t)live->generation};
    if (input) {
        memcpy(&moment.input, input, sizeof(moment.input));
    }
    return live_capture_moment(live, &moment, did, took);
}

bool live_capture_moment(Live *live, const TimelineMoment *moment, LiveTick *did,
                         TimelineCapture *took)
{
    Fault fault;
    TimelinePlace before = timeline_here(live->timeline);
    size_t used = host_state_bytes(live->host);
    live->state_top = used > live->state_top ? used : live->state_top;
    uint64_t from_ns = live->timed ? mono_ns() : 0;
    if (!timeline_capture(live->timeline, moment, used, live_code_words(live), took, &fault)) {
        give_up(live, &fault);
        return false;
    }
    live->capture_ns += live->timed ? mono_ns() - from_ns : 0;
    live_fast_moment(live, took);
    live->captures++;
    live->hit_capture = took->hit ? live->captures : live->hit_capture;
    (void)note_branch(live, before, did);
    live->moment = live->base + timeline_here(live->timeline).at;
    live->top_moment = live->moment > live->top_moment ? live->moment : live->top_moment;
    return true;
}

// ----------------------------------------------------------------------------------------- places

TimelinePlace live_to_timeline(const Live *live, LivePlace place)
{
    uint64_t at = place.moment > live->base ? place.moment - live->base : 0;
    return (TimelinePlace){place.branch, at};
}

bool live_span(const Live *live, LiveSpan *span)
{
    *span = (LiveSpan){0};
    if (!live->timeline) {
        return false;
    }
    TimelinePlace here = timeline_here(live->timeline);
    TimelineStats stats;
    timeline_stats(live->timeline, &stats);
    *span = (LiveSpan){.branch = here.branch,
                       .first = live_first_of(live, here.branch),
                       .here = live->base + here.at,
                       .last = live->base + timeline_last(live->timeline, here.branch),
                       .thinned = stats.thinned};
    return true;
}

bool live_is_past(const Live *live)
{
    return live->timeline && !timeline_is_last(live->timeline);
}

bool live_recorded_ahead(const Live *live)
{
    TimelineMoment moment;
    if (!live_is_past(live)) {
        return false;
    }
    TimelinePlace next = timeline_here(live->timeline);
    next.at++;
    return !timeline_moment(live->timeline, next, &moment)
           || live_is_same_code(live, moment.build, live->generation);
}

// A moment that another build made comes into the structs of the build that plays, or it stands
// still: the code that plays would read it wrongly.
static void fit_moment(Live *live)
{
    Fault why;
    bool is_loops = live->loop == LIVE_LOOP_PLAY && live->fitted != live->generation
                    && timeline_here(live->timeline).at == live->loop_first.at;
    if (is_loops && live_again_put(live)) {
        return;
    }
    bool ok = live_fit(live, &why);
    if (ok && is_loops) {
        live_again_take(live);
    } else if (!ok) {
        (void)fault_set(&live->stopped, FAULT_LAYOUT,
                        "this moment was made by build %llu, and cannot be had in the structs of "
                        "the build that plays: %s. Later moments can be played, and F9 restarts",
                        (unsigned long long)live->fitted, why.text);
    }
}

void live_jumped(Live *live)
{
    live->fitted = live_build_here(live);
    live->stopped = (Fault){0};
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    fit_moment(live);
    host_jumped(live->host);
    live->moment = live->base + timeline_here(live->timeline).at;
    live_note_jump(live);
    live->replay_ended = false;
    live_hash_forget(live->hash);
}

static bool go_to(Live *live, TimelinePlace to, Fault *fault)
{
    TimelinePlace reached;
    if (!timeline_seek(live->timeline, to, &reached, fault)) {
        return false;
    }
    live_jumped(live);
    return true;
}

// Which of the loop's ticks comes after the moment `here`, which lies in it. In its own branch
// there are none of the edits that were made while it played.
static uint32_t loop_index(const Live *live, TimelinePlace here)
{
    uint64_t index = here.at - live->loop_first.at;
    bool is_plain = index == 0 || live->loop_ticks[index - 1].at == here.at;
    if (is_plain
        || timeline_owner(live->timeline, here).branch
               != timeline_owner(live->timeline, live->loop_last).branch) {
        return (uint32_t)index;
    }
    for (uint32_t i = 0; i < live->loop_count; i++) {
        if (live->loop_ticks[i].at == here.at) {
            return i + 1;
        }
    }
    return (uint32_t)index;
}

// A loop goes on from a moment of its own, and is let go by any other.
static void follow_loop(Live *live)
{
    TimelinePlace here = timeline_here(live->timeline);
    if (live->loop == LIVE_LOOP_PLAY) {
        TimelinePlace meet = timeline_meet(live->timeline, here, live->loop_first);
        bool inside = meet.at == live->loop_first.at && here.at >= live->loop_first.at
                      && here.at - live->loop_first.at <= live->loop_count;
        if (inside) {
            live->loop_at = loop_index(live, here);
        } else {
            live_loop_forget(live);
        }
    }
    live->rejoins = false;
}

bool live_seek(Live *live, LivePlace to, LivePlace *reached, Fault *fault)
{
    if (!live_remember(live, fault)) {
        return false;
    }
    TimelinePlace place = live_to_timeline(live, to);
    uint64_t first = live_first_of(live, place.branch) - live->base;
    uint64_t last = timeline_last(live->timeline, place.branch);
    place.at = place.at < first ? first : place.at > last ? last : place.at;
    if (!go_to(live, place, fault)) {
        return false;
    }
    follow_loop(live);
    TimelinePlace here = timeline_here(live->timeline);
    *reached = (LivePlace){here.branch, live->base + here.at};
    return true;
}

// ------------------------------------------------------------------------------------------ loops

void live_loop_forget(Live *live)
{
    live->loop = LIVE_LOOP_OFF;
    live->rejoins = false;
    live->loop_count = live->loop_at = live->pass_branch = 0;
    arena_reset(&live->loop_memory, 0);
    live_keep(live);
}

void live_loop_off(Live *live)
{
    if (live->loop == LIVE_LOOP_PLAY && live->config.replay && live->loop_at < live->loop_count) {
        live->loop = LIVE_LOOP_OFF;
        live->rejoins =
            true; // a replay goes on where the loop ends: this pass is played up to there
    } else if (!live->rejoins) {
        live_loop_forget(live);
    }
}

// Inputs are copied: what they are taken from may be forgotten while the loop plays.
static bool gather_loop(Live *live, TimelinePlace last, Fault *fault)
{
    uint64_t first = live->loop_first.at, count = last.at - first, ticks = 0;
    arena_reset(&live->loop_memory, 0);
    live->loop_count = 0;
    live->loop_ticks = count <= LOOP_TICKS_MAX
                           ? arena_try_push(&live->loop_memory, sizeof(LiveLoopTick), 8, count)
                           : NULL;
    if (!live->loop_ticks) {
        return fault_set(fault, FAULT_MEMORY, "a loop can be a day long, not longer");
    }
    for (uint64_t i = 0; i < count; i++) {
        TimelineMoment moment;
        if (!timeline_moment(live->timeline, (TimelinePlace){last.branch, first + 1 + i},
                             &moment)) {
            return fault_set(fault, FAULT_MEMORY,
                             "the inputs of moment %llu are no longer remembered: a loop can begin "
                             "after it",
                             (unsigned long long)(live->base + first + 1 + i));
        }
        memcpy(&live->loop_ticks[i].input, &moment.input, sizeof(hl_input));
        live->loop_ticks[i].restart = moment.restart;
        live->loop_ticks[i].edit = moment.edit;
        live->loop_ticks[i].at = first + 1 + i;
        ticks += !moment.restart && !moment.edit;
    }
    if (ticks == 0) {
        return fault_set(fault, FAULT_USAGE,
                         "a loop needs a tick in it: between these moments there are only "
                         "restarts and edits");
    }
    live->loop_count = (uint32_t)count;
    return true;
}

static bool begin_loop(Live *live, TimelinePlace first, TimelinePlace last, Fault *fault)
{
    live->loop_first = first;
    live->loop_last = last;
    if (!gather_loop(live, last, fault)) {
        live_loop_forget(live);
        return false;
    }
    live->loop = LIVE_LOOP_PLAY;
    live->loop_at = live->loop_count; // the next tick jumps to its first
    live->pass_branch = 0;
    live_keep(live);
    return true;
}

// A loop that another process played, from where we stand.
bool live_loop_go_on(Live *live, TimelinePlace first, TimelinePlace last, Fault *fault)
{
    TimelinePlace here = timeline_here(live->timeline);
    if (!begin_loop(live, first, last, fault)) {
        return false;
    }
    TimelinePlace meet = timeline_meet(live->timeline, here, last);
    bool is_pass = meet.at == first.at && here.at > first.at
                   && timeline_owner(live->timeline, here).branch != last.branch;
    live->pass_branch = is_pass ? here.branch : 0;
    if (here.at >= first.at && here.at - first.at <= live->loop_count) {
        live->loop_at = (uint32_t)(here.at - first.at);
    }
    return true;
}

// It comes where the pass is: before the tick that is next, or, at its end, before its first.
void live_loop_take_edit(Live *live, const hl_input *packed)
{
    bool is_playing = live->loop == LIVE_LOOP_PLAY && live->loop_count < LOOP_TICKS_MAX;
    if (!is_playing || !arena_try_push(&live->loop_memory, sizeof(LiveLoopTick), 8, 1)) {
        return;
    }
    bool is_at_end = live->loop_at >= live->loop_count;
    uint32_t at = is_at_end ? 0 : live->loop_at;
    memmove(live->loop_ticks + at + 1, live->loop_ticks + at,
            (live->loop_count - at) * sizeof(LiveLoopTick));
    live->loop_ticks[at] = (LiveLoopTick){.edit = true};
    memcpy(&live->loop_ticks[at].input, packed, sizeof(hl_input));
    live->loop_count++;
    live->loop_at++;
    live->loop_at = is_at_end ? live->loop_count : live->loop_at;
}

// The second press: from the first to here, whichever comes first.
static bool close_loop(Live *live, Fault *fault)
{
    TimelinePlace here = timeline_here(live->timeline);
    TimelinePlace meet = timeline_meet(live->timeline, here, live->loop_first);
    TimelinePlace first = live->loop_first, last = here;
    if (meet.at == here.at) { // here lies before it
        first = here;
        last = live->loop_first;
    } else if (meet.at != first.at) { // on another branch: from where they part
        first = meet;
    }
    if (first.at == last.at) { // a loop of no ticks would stand still for ever
        live_loop_forget(live);
        return true;
    }
    return begin_loop(live, first, last, fault);
}

bool live_loop_next(Live *live, LiveLoop *now, Fault *fault)
{
    *now = live->loop;
    if (!live->now.game || !live->host->state || !live->host->state->started || live->rejoins) {
        return true;
    }
    bool ok = live_remember(live, fault);
    if (ok && live->loop == LIVE_LOOP_OFF) {
        live->loop_first = timeline_here(live->timeline);
        live->loop = LIVE_LOOP_RECORD;
        live_keep(live);
    } else if (ok && live->loop == LIVE_LOOP_RECORD) {
        ok = close_loop(live, fault);
    } else if (ok) {
        live_loop_off(live);
    }
    *now = live->loop;
    return ok;
}

bool live_loop_between(Live *live, uint64_t first, uint64_t last, Fault *fault)
{
    if (!live_remember(live, fault)) {
        return false;
    }
    uint32_t branch = timeline_here(live->timeline).branch;
    TimelinePlace from = live_to_timeline(live, (LivePlace){branch, first});
    TimelinePlace to = live_to_timeline(live, (LivePlace){branch, last});
    uint64_t oldest = live_first_of(live, branch) - live->base;
    uint64_t newest = timeline_last(live->timeline, branch);
    from.at = from.at < oldest ? oldest : from.at;
    to.at = to.at > newest ? newest : to.at;
    if (from.at >= to.at) {
        return fault_set(fault, FAULT_USAGE,
                         "a loop needs two moments, the first before the second, of %llu to %llu",
                         (unsigned long long)(live->base + oldest),
                         (unsigned long long)(live->base + newest));
    }
    live_loop_forget(live);
    return begin_loop(live, from, to, fault);
}

bool live_loop_span(const Live *live, uint64_t *first, uint64_t *last)
{
    if (!live->timeline || live->loop == LIVE_LOOP_OFF) {
        return false;
    }
    *first = live->base + live->loop_first.at;
    *last = live->loop == LIVE_LOOP_PLAY ? live->base + live->loop_first.at + live->loop_count
                                         : live->moment;
    return true;
}

// Back to the loop's first moment. What the last pass made of it is forgotten, unless it is the one
// that the loop was taken from.
static bool jump_back(Live *live, LiveTick *did, Fault *fault)
{
    uint32_t pass = live->pass_branch;
    TimelinePlace reached;
    if (!timeline_seek(live->timeline, live->loop_first, &reached, fault)) {
        return false;
    }
    live_jumped(live);
    if (reached.at != live->loop_first.at) {
        live_loop_forget(live);
        return fault_set(fault, FAULT_MEMORY,
                         "the loop's first moment is no longer remembered (--history is too small "
                         "for it); the game plays on");
    }
    live_record_go(live, live->loop_first); // while the file's end is still a place that is known
    if (pass != 0) {
        timeline_drop_branch(live->timeline, pass);
        live->pass_branch = 0;
    }
    live->loop_at = 0;
    did->wrapped = true;
    return true;
}

const hl_input *live_loop_input(Live *live, LiveTick *did, Fault *fault)
{
    if (live->loop == LIVE_LOOP_PLAY && live->loop_at >= live->loop_count
        && !jump_back(live, did, fault)) {
        return NULL;
    }
    LiveLoopTick *tick = &live->loop_ticks[live->loop_at++];
    if (tick->restart || tick->edit) {
        TimelineCapture took;
        if (tick->edit ? !live_edit_again(live, &tick->input, fault)
                       : !live_restart_state(live, fault)
                             || !(live->config.replay || live_start(live, fault))) {
            return NULL;
        }
        if (tick->restart) {
            (void)live_capture(live, NULL, false, did, &took);
        }
        return live->loop_at < live->loop_count || live->loop == LIVE_LOOP_PLAY
                   ? live_loop_input(live, did, fault)
                   : NULL;
    }
    live_feed_saves(live, (TimelinePlace){live->loop_last.branch, tick->at});
    if (live->rejoins && live->loop_at >= live->loop_count) {
        live_loop_forget(live);
        live->replay_at = live->moment + 1; // the reader's next is the tick after this one
    }
    return &tick->input;
}
