#include "live.h"

#include <string.h>
#include <sys/utsname.h>

#include <gnu/libc-version.h>

static const size_t DEFAULT_ARENA_BYTES = 64u << 20;

bool live_open(Live *live, const LiveConfig *config, Fault *fault)
{
    *live = (Live){.config = *config};
    if (!arena_open(&live->keep, 0, 64u << 20, fault)) {
        return false;
    }
    live->host = ARENA_NEW(&live->keep, Host, 1);
    if (!host_open(live->host, config->assets, config->sound, config->save_folder, fault)) {
        live_close(live);
        return false;
    }
    live->host->replaying = config->replay != NULL;
    return true;
}

// ------------------------------------------------------------------------------------ recording

static void facts_of(const Live *live, ReplayFacts *facts)
{
    const hl_game *game = live->now.game;
    *facts = (ReplayFacts){.state_size = game->state_size,
                           .arena_bytes = live->state.reserve_bytes,
                           .build_content = live->now.content,
                           .seed = live->config.seed,
                           .tick_rate = (uint32_t)live_tick_rate(live),
                           .api = game->api};
    struct utsname machine;
    (void)uname(&machine);
    (void)text_format(facts->game_id, sizeof(facts->game_id), "%s", live->config.game_id);
    (void)text_format(facts->title, sizeof(facts->title), "%s", game->title ? game->title : "");
    (void)text_format(facts->state_type, sizeof(facts->state_type), "%s", game->state_type);
    (void)text_format(facts->machine, sizeof(facts->machine), "%.30s glibc %.20s", machine.machine,
                      gnu_get_libc_version());
}

static bool begin_recording(Live *live, Fault *fault)
{
    if (!live->config.record_path || live->writer) {
        return true;
    }
    // From before init(), so that the first state is empty and holds no address of this process.
    ReplayFacts facts;
    facts_of(live, &facts);
    live->writer = replay_create(live->config.record_path, &facts, NULL, 0, 0, fault);
    live->host->writer = live->writer;
    return live->writer != NULL;
}

static bool is_recording(const Live *live)
{
    return live->writer && live->host->writer_fault.kind == FAULT_NONE;
}

static void record_input(Live *live, const hl_input *input)
{
    if (is_recording(live)) {
        (void)replay_put_input(live->writer, input, &live->host->writer_fault);
    }
}

static void record_restart(Live *live)
{
    if (is_recording(live)) {
        (void)replay_put_restart(live->writer, &live->host->writer_fault);
    }
}

static void record_rewind(Live *live, uint64_t ticks)
{
    if (is_recording(live)) {
        (void)replay_put_rewind(live->writer, ticks, &live->host->writer_fault);
    }
}

static void end_recording(Live *live)
{
    if (live->writer) {
        Fault fault;
        live->host->writer = NULL;
        bool was_whole = is_recording(live);
        if (!replay_finish(live->writer, live_tick_number(live), live_hash(live), &fault)
            && was_whole) {
            log_line(LOG_ERROR, "%s", fault.text);
        }
        live->writer = NULL;
    }
}

void live_close(Live *live)
{
    end_recording(live);
    for (uint32_t i = 0; i < live->retired_count; i++) {
        (void)gamelib_close(&live->retired[i]);
    }
    (void)gamelib_close(&live->pending);
    (void)gamelib_close(&live->now);
    timeline_close(&live->timeline);
    arena_close(&live->state);
    if (live->host) {
        host_close(live->host);
    }
    arena_close(&live->keep);
    *live = (Live){0};
}

// ------------------------------------------------------------------------------- what is accepted

// Fresh state memory: every page is given back, so it reads as zero without being touched.
static bool lay_out_state(Live *live, Fault *fault)
{
    size_t bytes = live->state.reserve_bytes;
    arena_release(&live->state);
    void *memory = arena_try_push(&live->state, 1, PAGE_BYTES, bytes);
    if (!memory) {
        return fault_set(fault, FAULT_MEMORY, "no memory for a state of %zu MiB", bytes >> 20);
    }
    host_attach(live->host, memory, bytes);
    live->host->state->seed = live->config.seed;
    return true;
}

static void close_memory(Live *live)
{
    timeline_close(&live->timeline);
    arena_close(&live->state);
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
    if (bytes == 0
        || (!is_there
            && (!arena_open(&live->state, ARENA_STATE_ADDRESS, bytes, fault)
                || !timeline_open(&live->timeline, bytes, fault)))
        || !lay_out_state(live, fault)) {
        close_memory(live);
        return false;
    }
    return true;
}

static bool fits(const Live *live, const GameLib *lib, Fault *fault)
{
    const hl_game *was = live->now.game, *is = lib->game;
    if (!live->host->state->root) {
        return true; // init() has yet to run, or failed: there is no state to fit to
    }
    if (was->state_size == is->state_size && was->state_align == is->state_align) {
        return true;
    }
    return fault_set(
        fault, FAULT_LAYOUT,
        "%s was %zu bytes and is %zu in the new build, so the live state does not fit; "
        "the previous code plays on. Restart (F9) to run the new one from its beginning",
        is->state_type, was->state_size, is->state_size);
}

static void retire(Live *live, GameLib *lib)
{
    if (!lib->handle) {
        return;
    }
    if (live->retired_count == LIVE_RETIRED_MAX) {
        live->stuck_count++; // stays loaded for good: never wrong, only memory
        return;
    }
    live->retired[live->retired_count++] = *lib;
}

bool live_swap(Live *live, GameLib *lib, uint64_t *swap_ns, Fault *fault)
{
    uint64_t begin_ns = mono_ns();
    bool is_first = live->now.game == NULL;
    *swap_ns = 0;
    bool has_state = live->host->state != NULL; // a restart may have found no memory
    if (has_state ? !fits(live, lib, fault) : !open_memory(live, lib->game, fault)) {
        (void)gamelib_close(&live->pending);
        if (is_first) {
            (void)gamelib_close(lib);
        } else {
            live->pending = *lib;
            *lib = (GameLib){0};
        }
        return false;
    }
    retire(live, &live->now);
    live->now = *lib;
    *lib = (GameLib){0};
    if (is_first && !begin_recording(live, fault)) {
        log_line(LOG_ERROR, "%s; the game plays on without being recorded", fault->text);
        live->writer_failed = true;
    }
    live->generation++;
    live->reloaded = true;
    live->swapped_tick = live_tick_number(live);
    live->stopped = (Fault){0};
    *swap_ns = mono_ns() - begin_ns;
    // Never loaded over by an older refusal: what was pending is older than what plays now.
    (void)gamelib_close(&live->pending);
    return true;
}

// ------------------------------------------------------------------------------------------ ticks

static bool restart_state(Live *live, Fault *fault)
{
    timeline_forget(&live->timeline);
    live->loop = LIVE_LOOP_OFF;
    live->rejoins = false;
    live->stopped = (Fault){0};
    if (!open_memory(live, live->now.game, fault)) {
        live->stopped = *fault;
        return false;
    }
    host_jumped(live->host);
    return true;
}

LiveLoop live_loop_next(Live *live)
{
    if (!live->now.game || !live->host->state || !live->host->state->started || live->rejoins) {
        return live->loop;
    }
    switch (live->loop) {
    case LIVE_LOOP_OFF:
        timeline_begin(&live->timeline, live_tick_number(live), live->state.base,
                       host_state_bytes(live->host));
        live->loop = LIVE_LOOP_RECORD;
        break;
    case LIVE_LOOP_RECORD:
        // A loop of no ticks would stand still for ever.
        live->loop = live->timeline.input_count > 0 ? LIVE_LOOP_PLAY : LIVE_LOOP_OFF;
        live->loop_at = live->timeline.input_count;
        break;
    case LIVE_LOOP_PLAY:
        live->loop = LIVE_LOOP_OFF;
        // A replay goes on where the segment ends: this pass is played up to there.
        live->rejoins = live->config.replay && live->loop_at < live->timeline.input_count;
        if (!live->rejoins) {
            timeline_forget(&live->timeline);
        }
        break;
    }
    return live->loop;
}

// The rest of the segment, between a loop that was let go and the replay's next input.
static const hl_input *rejoin_input(Live *live)
{
    const hl_input *input = timeline_input(&live->timeline, live->loop_at++);
    live->rejoins = live->loop_at < live->timeline.input_count;
    return input;
}

static const hl_input *loop_input(Live *live, LiveTick *did)
{
    if (live->loop_at >= live->timeline.input_count) {
        uint64_t before = live_tick_number(live);
        (void)timeline_restore_first(&live->timeline, live->state.base,
                                     host_state_bytes(live->host));
        host_attach(live->host, live->state.base, live->state.reserve_bytes);
        host_jumped(live->host);
        record_rewind(live, before - live_tick_number(live));
        live->loop_at = 0;
        did->wrapped = true;
    }
    return timeline_input(&live->timeline, live->loop_at++);
}

// The recording's next input; NULL at its end. What comes before it in the file is carried out.
static const hl_input *replay_input(Live *live, Fault *fault)
{
    for (;;) {
        replay_next(live->config.replay, &live->event);
        switch (live->event.kind) {
        case REPLAY_EVENT_INPUT:
            return &live->event.input;
        case REPLAY_EVENT_BYTES:
            host_feed(live->host, &live->event);
            break;
        case REPLAY_EVENT_RESTART:
            if (!restart_state(live, fault)) {
                return NULL;
            }
            live->reloaded = true;
            break;
        case REPLAY_EVENT_END:
            live->replay_ended = true;
            live->replay_finished = live->event.finished;
            live->replay_hash = live->event.finished ? live->event.state_hash : 0;
            return NULL;
        }
    }
}

static bool stop(Live *live, Fault *fault)
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
    live->stopped = *fault;
    return false;
}

// What a failed init() leaves is no state to go on from: the next build's init() begins with
// nothing, here and in the recording.
static bool stop_in_init(Live *live, Fault *fault)
{
    Fault ignored;
    record_restart(live);
    (void)restart_state(live, &ignored);
    return stop(live, fault);
}

// Runs init() if it has not run yet. It is given no input, so that it does not matter when it runs.
static bool start(Live *live, Fault *fault)
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
    if (*took_pending) {
        retire(live, &live->now);
        live->now = live->pending;
        live->pending = (GameLib){0};
        live->generation++;
        live->swapped_tick = 0;
    }
    live->reloaded = true;
    record_restart(live);
    // A replay has the bytes that init() reads only when it gets to the next tick. Everybody else
    // sees the fresh state at once, also while paused.
    return restart_state(live, fault) && (live->config.replay || start(live, fault));
}

bool live_tick(Live *live, const hl_input *input, LiveTick *did, Fault *fault)
{
    *did = (LiveTick){0};
    if (!live->now.game || live->stopped.kind != FAULT_NONE || live->replay_ended) {
        did->replay_ended = live->replay_ended;
        return true;
    }
    if (live->loop == LIVE_LOOP_PLAY) {
        input = loop_input(live, did);
    } else if (live->rejoins) {
        input = rejoin_input(live);
    } else if (live->config.replay) {
        input = replay_input(live, fault);
        if (!input) {
            did->replay_ended = live->replay_ended;
            return live->replay_ended;
        }
    }
    if (live->loop == LIVE_LOOP_RECORD && !timeline_push(&live->timeline, input)) {
        live->loop = LIVE_LOOP_PLAY; // a full day: let it play
        live->loop_at = live->timeline.input_count;
    }
    const hl_game *game = live->now.game;
    if (!start(live, fault)) {
        return false;
    }
    did->first_of_build = live->reloaded;
    live->reloaded = false;
    did->ran = true;
    bool ok = host_update(live->host, game, input, did->first_of_build, fault);
    record_input(live, input);
    return ok || stop(live, fault);
}

void live_draw(Live *live, float alpha, DrawList *draw)
{
    // Nothing to look at before init() has made it.
    const HostState *state = live->host ? live->host->state : NULL;
    if (live->now.game && state && state->root && state->started) {
        host_draw(live->host, live->now.game, alpha, draw);
    }
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
