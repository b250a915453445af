#include "live_internal.h"

#include "live_types.h"

#include <string.h>

static const size_t DEFAULT_ARENA_BYTES = 64u << 20;
enum { OUTSIDE_MAX = 1 << 20 };
#define OUTSIDE_BYTES_MAX (1ull << 30)
#define LOOP_BYTES_MAX    (4ull << 30)

static Guard *open_guard(Live *live, Fault *fault)
{
    GuardConfig plain = {.stands_back = true};
    return guard_open(&live->keep, &plain, fault);
}

bool live_open(Live *live, const LiveConfig *config, Fault *fault)
{
    *live = (Live){.config = *config};
    if (!arena_open(&live->keep, 0, 64u << 20, fault)) {
        return false;
    }
    live->host = ARENA_NEW(&live->keep, Host, 1);
    live->retired = ARENA_NEW(&live->keep, LiveRetired, LIVE_RETIRED_MAX);
    live->carried.items = ARENA_NEW(&live->keep, CarryItem, CARRY_ITEMS_MAX);
    live->same = ARENA_NEW(&live->keep, LiveSame, LIVE_SAME_MAX);
    live->tier_carried.items = ARENA_NEW(&live->keep, CarryItem, CARRY_ITEMS_MAX);
    live->marked = ARENA_NEW(&live->keep, uint64_t, LIVE_MARKED_MAX / 64);
    live->repeats = ARENA_NEW(&live->keep, uint64_t, LIVE_MARKED_MAX / 64);
    live->again = live_again_open(&live->keep);
    if (!live->config.guard && !(live->config.guard = live->own_guard = open_guard(live, fault))) {
        live_close(live);
        return false;
    }
    if (!host_open(live->host, live->config.guard, config->assets, config->sound,
                   config->save_folder, fault)
        || !live_files_open(live, fault)
        || !arena_open(&live->loop_memory, 0, LOOP_BYTES_MAX, fault)
        || !arena_open(&live->outside_memory, 0, OUTSIDE_MAX * sizeof(LiveOutside), fault)
        || !arena_open(&live->outside_bytes, 0, OUTSIDE_BYTES_MAX, fault)) {
        live_close(live);
        return false;
    }
    live_loads_open(live);
    live_prepare_open(live);
    live->outside = (LiveOutside *)(void *)live->outside_memory.base;
    live->host->source = config->replay ? HOST_FROM_RECORD : HOST_FROM_DISK;
    live->host->notes_on = config->history_bytes > 0 || config->record_path;
    live->moment = config->replay ? replay_first(config->replay) : 0;
    live->replay_at = live->moment;
    live->wants_history =
        (config->history_bytes > 0 && !config->history_on_demand) || config->record_path;
    return true;
}

// Not while a thread of the game may run: it would crash on the last stretch, and the session with
// it. The process ends soon.
static void close_game(Live *live)
{
    (void)gamelib_close(&live->pending);
    if (live->config.guard && guard_has_thread_in(live->config.guard, 0, UINTPTR_MAX)) {
        return;
    }
    for (uint32_t i = 0; i < live->retired_count; i++) {
        (void)gamelib_close(&live->retired[i].lib);
    }
    (void)gamelib_close(&live->now);
    arena_close(&live->state);
}

void live_close(Live *live)
{
    LiveSaved saved;
    while (live->save && !live_save_done(live, &saved)) {
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
    live_prepare_close(live);
    live_record_end(live);
    live_safety_end(live);
    live_end_history(live);
    close_game(live);
    live_hash_close(live->hash);
    live_files_close(live);
    if (live->host) {
        host_close(live->host);
    }
    guard_close(live->own_guard);
    live_again_forget(live->again);
    live_fast_end(live);
    arena_close(&live->carry_memory);
    arena_close(&live->sync_memory);
    arena_close(&live->loop_memory);
    arena_close(&live->outside_memory);
    arena_close(&live->outside_bytes);
    arena_close(&live->keep);
    *live = (Live){0};
}

// ------------------------------------------------------------------------------- what is accepted

// Fresh state memory, which reads as zero. Written over and not given back to the system: history
// follows what is written.
static bool lay_out_state(Live *live, Fault *fault)
{
    size_t bytes = live->state.reserve_bytes;
    if (live->state.used_bytes == 0 && !arena_try_push(&live->state, 1, PAGE_BYTES, bytes)) {
        return fault_set(fault, FAULT_MEMORY, "no memory for a state of %zu MiB", bytes >> 20);
    }
    if (live->host->state) {
        size_t used = host_state_bytes(live->host);
        live->state_top = used > live->state_top ? used : live->state_top;
    }
    memset(live->state.base, 0, live->state_top);
    host_attach(live->host, live->state.base, bytes);
    live->state_top = host_state_bytes(live->host);
    live->host->state->seed = live->config.seed;
    return true;
}

static void close_memory(Live *live)
{
    if (live->timeline) {
        log_line(LOG_INFO, "the game has another arena now: its history begins anew");
    }
    bool wants = live->timeline || live->wants_history;
    live_safety_end(live);
    live_end_history(live);
    live->wants_history = wants;
    arena_close(&live->state);
    live->state_top = 0;
    live->host->state = NULL;
    live->host->heap = NULL;
}

// How much state memory this game gets; 0 with *fault.
static size_t memory_bytes(const Live *live, const hl_game *game, Fault *fault)
{
    // What the runtime keeps in front of the game's own memory comes on top of what was asked for.
    const size_t own = (sizeof(HostState) + (1u << 20)) / PAGE_BYTES * PAGE_BYTES;
    size_t bytes = live->config.arena_bytes ? live->config.arena_bytes
                   : game->arena            ? game->arena
                                            : DEFAULT_ARENA_BYTES;
    if (live->config.replay) { // the same size as then: a full arena is part of what happened
        bytes = replay_facts(live->config.replay)->arena_bytes;
        if (bytes <= own || bytes > ARENA_STATE_MAX || bytes % PAGE_BYTES != 0) {
            (void)fault_set(fault, FAULT_FORMAT,
                            "the replay asks for an arena of %zu bytes, which no recording does",
                            bytes);
            return 0;
        }
        return bytes;
    }
    if (bytes > ARENA_STATE_MAX) {
        (void)fault_set(fault, FAULT_MEMORY,
                        "an arena of %zu bytes is more than the %zu GiB there is", bytes,
                        (size_t)(ARENA_STATE_MAX >> 30));
        return 0;
    }
    bytes = (bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    return bytes < ARENA_STATE_MAX - own ? bytes + own : ARENA_STATE_MAX;
}

// State memory of the size that this game asks for, fresh. What was there is gone, also when this
// fails: then there is no state, and the next build or restart tries again.
static bool open_memory(Live *live, const hl_game *game, Fault *fault)
{
    size_t bytes = memory_bytes(live, game, fault);
    bool is_there = bytes > 0 && live->state.reserve_bytes == bytes;
    if (!is_there) {
        close_memory(live);
    }
    if (bytes == 0 || (!is_there && !arena_open(&live->state, ARENA_STATE_ADDRESS, bytes, fault))
        || !lay_out_state(live, fault)) {
        close_memory(live);
        return false;
    }
    return true;
}

static bool refuse(Fault *fault, const Fault *why)
{
    return fault_set(fault, FAULT_LAYOUT,
                     "%s; the previous code plays on. Restart (F9) to run the new one from its "
                     "beginning",
                     why->text);
}

// Of the newest build that was accepted.
typedef struct Newest {
    uint64_t sources;
    bool is_fast;
} Newest;

// `lib` moves into its place.
static void change_places(Live *live, const GameLib *lib, bool *retired)
{
    *retired = live_retire(live, &live->now, live->generation);
    live->now = *lib;
    live_count_build(live, lib);
}

// A build that was not taken: the one before it plays as if nothing had been.
static void change_back(Live *live, const GameLib *was, uint64_t generation, Newest newest,
                        bool retired)
{
    live->retired_count -= retired;
    live->now = *was;
    live->generation = generation;
    live->generations--;
    live->newest_sources = newest.sources;
    live->newest_is_fast = newest.is_fast;
}

// What follows from another build in `live->now`.
static void begin_to_play(Live *live)
{
    live->build_ticks = 0;
    live_fast_begin(live);
    live->now_capture = live->captures + 1;
    live->swapped_tick = live_tick_number(live);
    live_tell_guard(live);
    live_safety_end(live); // its ticks were the old code's; the next tick begins anew
    if (live->timeline) {  // the range and its name come along together, or not at all
        timeline_change_begin(live->timeline);
        live_watch_globals(live, &live->now);
        live_keep(live);
        timeline_change_end(live->timeline);
    }
}

// `lib` plays from the next tick on. False: the state cannot be had in its structs; nothing has
// changed then.
static bool play_from_now_on(Live *live, const GameLib *lib, bool is_quiet, Fault *fault)
{
    GameLib was = live->now;
    uint64_t generation = live->generation;
    Newest newest = {live->newest_sources, live->newest_is_fast};
    CarryReport *report = is_quiet ? &live->tier_carried : &live->carried;
    bool is_first = was.game == NULL, retired;
    LiveFit *fit = NULL;
    Fault why;
    change_places(live, lib, &retired);
    if (!is_first && !retired && !live_structs_differ(&was, lib)) {
        live_note_same(live, generation); // there is no room to remember it
    }
    if (!is_first && !live_fit_begin(live, report, &fit, &why)) {
        change_back(live, &was, generation, newest, retired);
        return refuse(fault, &why);
    }
    live_swap_previous(live, retired ? generation : 0, is_quiet);
    begin_to_play(live);
    if (!is_first) {
        live_fit_end(live, fit);
        live_record_build(live, is_quiet);
    }
    live->fitted = live->generation;
    return true;
}

// A restart is a moment of its own.
static void capture_restart(Live *live)
{
    LiveTick did = {0};
    TimelineCapture took = {0};
    if (!live->timeline || !live_capture(live, NULL, true, &did, &took)) {
        live->moment++;
    }
    live_record_restart(live);
    live_take_notes(live);
}

bool live_swap(Live *live, GameLib *lib, uint64_t *swap_ns, Fault *fault)
{
    uint64_t begin_ns = mono_ns(), was = live->generation;
    bool is_first = live->now.game == NULL, is_quiet = live_is_quiet(live, lib);
    *swap_ns = 0;
    live->was_quiet = false;
    live->offered = lib->content;
    bool has_state = live->host->state != NULL; // a restart may have found no memory
    bool ok = has_state ? !live->host->state->root || live_can_leave(live, fault)
                        : open_memory(live, lib->game, fault);
    if (!ok || !play_from_now_on(live, lib, is_quiet, fault)) {
        (void)gamelib_close(&live->pending);
        if (is_first) {
            (void)gamelib_close(lib);
        } else {
            live->pending = *lib;
            *lib = (GameLib){0};
        }
        return false;
    }
    *lib = (GameLib){0};
    live->was_quiet = is_quiet;
    live->reloaded |= !is_quiet;
    if (is_first && live->config.replay && !live_load_begin(live, fault)) {
        live->stopped = *fault;
        return false;
    }
    if (is_first && !live_record_begin(live, fault)) {
        log_line(LOG_ERROR, "%s; the game plays on without being recorded", fault->text);
        live->writer_failed = true;
    }
    live->stopped = (Fault){0};
    // Never loaded over by an older refusal: what was pending is older than what plays now.
    (void)gamelib_close(&live->pending);
    ok = !is_quiet || live_seam_check(live, was, mono_ns() - begin_ns, fault);
    *swap_ns = mono_ns() - begin_ns;
    return ok;
}

// ------------------------------------------------------------------------------------------ ticks

// To what the library was loaded with. A page that is equal is not written.
static void reset_globals(const GameLib *lib)
{
    for (uintptr_t at = lib->globals_first; at < lib->globals_end; at += PAGE_BYTES) {
        const uint8_t *initial = lib->globals_initial + (at - lib->globals_first);
        if (memcmp((const void *)at, initial, PAGE_BYTES) != 0) {
            memcpy((void *)at, initial, PAGE_BYTES);
        }
    }
}

bool live_restart_state(Live *live, Fault *fault)
{
    live->stopped = (Fault){0};
    live_safety_end(live);
    if (!open_memory(live, live->now.game, fault)) {
        live->stopped = *fault;
        return false;
    }
    reset_globals(&live->now);
    live->fitted = live->generation;
    host_jumped(live->host);
    live_hash_forget(live->hash);
    return true;
}

// What a failed init() leaves is no state to go on from: the next build's init() begins with
// nothing, here and in the recording.
static bool stop_in_init(Live *live, Fault *fault)
{
    Fault ignored;
    live->host->note_count = 0;
    (void)live_restart_state(live, &ignored);
    return live_end_call(live, true, fault);
}

// Runs init() if it has not run yet. It is given no input, so that it does not matter when it runs.
bool live_start(Live *live, Fault *fault)
{
    static const hl_input NO_INPUT;
    return live->host->state->started || host_init(live->host, live->now.game, &NO_INPUT, fault)
           || stop_in_init(live, fault);
}

bool live_restart(Live *live, bool *took_pending, Fault *fault)
{
    *took_pending = live->pending.game != NULL;
    if (!live->now.game) {
        return true;
    }
    live_loop_forget(live);
    if (*took_pending) {
        bool retired;
        change_places(live, &live->pending, &retired);
        live->pending = (GameLib){0};
        begin_to_play(live);
        live_record_build(live, false);
    }
    live->previous = live->before_previous = 0; // it was chosen with its fresh state
    live->edit_ticks = 0;
    live->reloaded = true;
    // A replay has the bytes that init() reads only when it gets to the next tick. Everybody else
    // sees the fresh state at once, also while paused.
    if (!live_restart_state(live, fault) || !(live->config.replay || live_start(live, fault))) {
        return false;
    }
    capture_restart(live);
    return true;
}

// The tick did not happen, where that can be had.
static bool undo_tick(Live *live, const HostMark *mark)
{
    Fault fault;
    bool ok = live->timeline ? timeline_undo(live->timeline, NULL, &fault) : live_safety_undo(live);
    if (!ok) {
        return false;
    }
    live->fitted = live_build_here(live); // live_end_call decides which build plays on
    live->host->note_count = mark->notes;
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    return true;
}

// Everything that keeps a record of the tick that just ran.
static void remember_tick(Live *live, const hl_input *input, LiveTick *did)
{
    TimelineCapture took = {0};
    if (!live->timeline || !live_capture(live, input, did->first_of_build, did, &took)) {
        live->moment++;
    }
    live_record_tick(live, input, &took);
    live_take_notes(live);
}

// The input of the coming tick; NULL: there is none, or (*fault) it could not be had.
static const hl_input *next_input(Live *live, const hl_input *input, LiveTick *did, Fault *fault)
{
    if (live->loop == LIVE_LOOP_PLAY || live->rejoins) {
        return live_loop_input(live, did, fault);
    }
    return live->config.replay ? live_replay_input(live, fault) : input;
}

static bool has_record(const Live *live)
{
    return live->timeline || live->wants_history || live->writer;
}

bool live_tick(Live *live, const hl_input *input, LiveTick *did, Fault *fault)
{
    *did = (LiveTick){0};
    if (!live->now.game || live->stopped.kind != FAULT_NONE || live->replay_ended) {
        did->replay_ended = live->replay_ended;
        return true;
    }
    if (live->loop == LIVE_LOOP_PLAY || live->rejoins || live->config.replay) {
        input = next_input(live, input, did, fault);
        if (!input) {
            did->replay_ended = live->replay_ended;
            return live->replay_ended;
        }
    }
    if (!live_start(live, fault)) {
        return false;
    }
    if (live->wants_history) {
        (void)live_begin_history(live);
    }
    if (!live->timeline && !live->safety && !live->no_safety) {
        live_safety_begin(live);
    }
    HostMark mark = host_mark(live->host);
    did->first_of_build = live->reloaded;
    live->reloaded = false;
    did->ran = true;
    if (!live->config.replay) {
        live->host->source = live->loop == LIVE_LOOP_PLAY ? HOST_REPEATS : HOST_FROM_DISK;
    }
    uint64_t begin_ns = live->now.is_fast ? mono_ns() : 0;
    bool ok = host_update(live->host, live->now.game, input, did->first_of_build, fault);
    if (!ok) {
        bool undone = undo_tick(live, &mark);
        live->reloaded = did->first_of_build && undone;
        return live_end_call(live, undone, fault);
    }
    if (live->now.is_fast) {
        live_fast_ran(live, mono_ns() - begin_ns);
    }
    live_count_tick(live);
    if (live->config.synctest > 0) {
        live_sync(live, input, &mark, did->first_of_build);
    }
    if (has_record(live)) {
        remember_tick(live, input, did);
    } else {
        live->moment++;
        live->host->note_count = 0;
        if (live->safety) {
            live_safety_tick(live, input, did->first_of_build);
        }
    }
    live_trails_keep(live);
    return true;
}

bool live_draw(Live *live, float alpha, DrawList *draw, Fault *fault)
{
    // Nothing to look at before init() has made it.
    const HostState *state = live->host ? live->host->state : NULL;
    if (!live->now.game || !state || !state->root || !state->started
        || live->fitted != live->generation) { // its fields are not where this build looks
        return true;
    }
    live_trails_show(live);
    return host_draw(live->host, live->now.game, alpha, draw, fault)
           || live_end_call(live, true, fault);
}

uint64_t live_tick_number(const Live *live)
{
    return live->host && live->host->state ? live->host->state->tick : 0;
}

int live_tick_rate(const Live *live)
{
    return live->now.game && live->now.game->tick_rate > 0 ? live->now.game->tick_rate : 60;
}

const hl_game *live_game(const Live *live)
{
    return live->now.game;
}
