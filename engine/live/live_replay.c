// Where ticks come from a file: its inputs and bytes, joining it in the middle, and whether it
// comes out as it was recorded.
#include "live_internal.h"

#include "live_types.h"

#include <string.h>

enum {
    CHECK_TICKS = 8192, // between two looks at the whole state
    LAST_TICKS = 64     // of a file, looked at one by one: it may have no end
};

// ----------------------------------------------------------------------------------------- reading

// Brings the reader to the moment that the state is at: time went back. Files as they were then.
static void find_place(Live *live)
{
    ReplayReader *reader = live->config.replay;
    replay_rewind(reader);
    live->replay_at = replay_first(reader);
    live->files->playing = replay_types_of_state(reader, live->replay_at);
    host_jumped(live->host);
    while (live->replay_at < live->moment) {
        replay_next(reader, &live->event);
        const ReplayEvent *event = &live->event;
        if (event->kind == REPLAY_EVENT_BYTES && event->bytes_kind == REPLAY_FILE) {
            host_feed(live->host, event->bytes_kind, event->name, event->present, event->data,
                      event->size_bytes);
        } else if (event->kind == REPLAY_EVENT_TICK || event->kind == REPLAY_EVENT_RESTART
                   || event->kind == REPLAY_EVENT_EDIT) {
            live->replay_at = event->at;
        } else if (event->kind == REPLAY_EVENT_BUILD) {
            live->files->playing = event->types;
        } else if (event->kind == REPLAY_EVENT_END) {
            break;
        }
    }
}

static bool replay_restart(Live *live, Fault *fault)
{
    LiveTick did = {0};
    TimelineCapture took;
    if (!live_restart_state(live, fault)) {
        return false;
    }
    live->reloaded = true;
    if (live->verifying || !live->timeline || !live_capture(live, NULL, true, &did, &took)) {
        live->moment++;
    }
    return true;
}

static bool replay_edit_event(Live *live, const ReplayEvent *event, Fault *fault)
{
    hl_input packed;
    return live_edit_pack(event->name, (const char *)event->data, &packed, fault)
           && live_edit_again(live, &packed, fault);
}

// The recording's next input; NULL at its end. What comes before it in the file is carried out.
const hl_input *live_replay_input(Live *live, Fault *fault)
{
    ReplayEvent *event = &live->event;
    if (live->replay_at != live->moment) {
        find_place(live);
    }
    for (;;) {
        replay_next(live->config.replay, event);
        switch (event->kind) {
        case REPLAY_EVENT_TICK:
            live->replay_at = event->at;
            return event->input;
        case REPLAY_EVENT_BYTES:
            live->host->feeding = live_feeding_of_file(live->files->playing);
            host_feed(live->host, event->bytes_kind, event->name, event->present, event->data,
                      event->size_bytes);
            live->host->feeding = 0;
            break;
        case REPLAY_EVENT_BUILD:
            live->files->playing = event->types;
            live->files->is_other |= live_is_made_otherwise(live, event->types);
            live->reloaded |= !event->build->is_same; // the game was told so then
            break;
        case REPLAY_EVENT_RESTART:
            live->replay_at = event->at;
            if (!replay_restart(live, fault)) {
                return NULL;
            }
            break;
        case REPLAY_EVENT_EDIT:
            live->replay_at = event->at;
            if (!replay_edit_event(live, event, fault)) {
                return NULL;
            }
            break;
        case REPLAY_EVENT_END:
            live->replay_ended = true;
            live->replay_finished = event->finished;
            live->replay_hash = event->finished ? event->hash : 0;
            return NULL;
        }
    }
}

static bool put_state_at(Live *live, uint64_t moment, Fault *fault, bool *found)
{
    Arena arena;
    ReplayState state;
    size_t room = replay_facts(live->config.replay)->arena_bytes + (1ull << 30);
    if (!arena_open(&arena, 0, room, fault)) {
        return false;
    }
    *found = replay_state(live->config.replay, moment, &arena, &state);
    bool ok = !*found || live_state_put(live, &state, fault);
    if (*found && ok) {
        live->moment = state.at;
        live->replay_ended = false;
        live->reloaded = false; // what comes next was told so only where the file says it
    }
    arena_close(&arena);
    return ok;
}

// They are there, and can be read.
static bool has_types(const ReplayReader *replay, uint32_t number)
{
    Arena memory;
    LiveTypes types = {0};
    const uint8_t *bytes;
    size_t size_bytes;
    if (!arena_open(&memory, 0, 2 * REPLAY_TYPES_MAX, NULL)) {
        return false;
    }
    bool ok = replay_types(replay, number, &memory, &bytes, &size_bytes)
              && live_types_open(&types, bytes, size_bytes, NULL);
    live_types_close(&types);
    arena_close(&memory);
    return ok;
}

bool live_can_play(const GameLib *lib, const ReplayReader *replay)
{
    uint32_t number = replay_types_of_state(replay, replay_first(replay));
    return replay_facts(replay)->state_size == lib->game->state_size
           || (live_types_known(lib) && has_types(replay, number));
}

bool live_replay_is_other(const Live *live, char *which, size_t which_bytes)
{
    const LiveFiles *files = live->files;
    (void)text_format(which, which_bytes, "%s", files->other);
    return files->is_other || live_is_made_otherwise(live, files->playing);
}

bool live_load_begin(Live *live, Fault *fault)
{
    const ReplayFacts *facts = replay_facts(live->config.replay);
    bool found;
    uint64_t first = replay_first(live->config.replay);
    uint32_t types = replay_types_of_state(live->config.replay, first);
    if (!live_can_play(&live->now, live->config.replay)) {
        return fault_set(
            fault, FAULT_LAYOUT,
            "the replay was recorded with a %s of %llu bytes, this build's has %zu, and %s has no "
            "types with it: it cannot be played with this build; check out the sources it was made "
            "with",
            facts->state_type, (unsigned long long)facts->state_size, live->now.game->state_size,
            types == 0 ? "the file" : "this build");
    }
    live->files->playing = types;
    if (!put_state_at(live, first, fault, &found)) {
        return false;
    }
    live->moment = live->replay_at = first;
    if (!found && first > 0) {
        return fault_set(fault, FAULT_FORMAT,
                         "the replay begins at moment %llu and its first state is missing",
                         (unsigned long long)first);
    }
    return true;
}

bool live_replay_join(Live *live, uint64_t moment, Fault *fault)
{
    bool found = false;
    bool wants = live->timeline || live->wants_history;
    live_end_history(live); // what was, was another run
    live->wants_history = wants;
    if (!put_state_at(live, moment, fault, &found)) {
        return false;
    }
    live_hash_forget(live->hash);
    if (found) {
        live->replay_at = UINT64_MAX; // the reader is somewhere else
        host_jumped(live->host);
    }
    return true;
}

// ---------------------------------------------------------------------------------------- checking

// One tick of the replay, and nothing else. False: the end, or a broken promise.
static bool run_one(Live *live, LiveVerify *verify, Fault *fault)
{
    *fault = (Fault){0};
    const hl_input *input = live_replay_input(live, fault);
    if (!input) {
        verify->ended = live->replay_ended;
        return false;
    }
    Host *host = live->host;
    if (!live_start(live, fault)) {
        return false;
    }
    bool reloaded = live->reloaded;
    live->reloaded = false;
    if (!host_update(host, live->now.game, input, reloaded, fault)) {
        return live_end_call(live, false, fault);
    }
    live->moment++;
    verify->ticks++;
    host->line_count = 0;
    if (host->wishes.any) {
        host->wishes = (HostWishes){0};
    }
    if (host->sound->cmd_count > 0) {
        sound_reset(host->sound);
    }
    return true;
}

// The state becomes a moment of the timeline, and its hash is compared. False: it differs.
static bool check(Live *live, LiveVerify *verify, TimelineCapture *took, ReplayCheck *now)
{
    static const TimelineMoment NOTHING;
    Fault fault;
    LiveImages images;
    DeltaWords none = {0};
    live_look(live, &images);
    size_t used = host_state_bytes(live->host);
    live->state_top = used > live->state_top ? used : live->state_top;
    if (!timeline_capture(live->timeline, &NOTHING, used, none, took, &fault)) {
        log_line(LOG_ERROR, "%s", fault.text);
    }
    live_hash_some(live->hash, &images.view, took->pages, took->page_count, now);
    verify->checked++;
    verify->wanted = live->event.hash;
    verify->got = now->hash;
    return verify->wanted == verify->got;
}

static void add_difference(const Live *live, LiveVerify *verify, uint32_t page)
{
    char text[300];
    size_t used = strlen(verify->where);
    live_hash_explain(live, page, text, sizeof(text));
    if (used + strlen(text) + 4 < sizeof(verify->where)) {
        (void)text_format(verify->where + used, sizeof(verify->where) - used, "%s%s",
                          used > 0 ? "; " : "", text);
    }
}

// Which of the pages that changed in this tick came out otherwise.
static void name_pages(Live *live, LiveVerify *verify, const ReplayCheck *now)
{
    Arena arena;
    ReplayCheck then;
    Fault fault;
    if (!arena_open(&arena, 0, 1ull << 30, &fault)) {
        return;
    }
    if (!replay_check(live->config.replay, live->moment, &arena, &then)) {
        (void)text_format(verify->where, sizeof(verify->where),
                          "which page is not known: the file has none for this tick");
        arena_close(&arena);
        return;
    }
    uint32_t a = 0, b = 0;
    while (a < then.page_count || b < now->page_count) {
        uint32_t theirs = a < then.page_count ? then.pages[a] : UINT32_MAX;
        uint32_t ours = b < now->page_count ? now->pages[b] : UINT32_MAX;
        // What only this run wrote may hold what it held: init() belongs to the first tick here.
        bool differs =
            theirs < ours || (theirs == ours && then.page_hashes[a] != now->page_hashes[b]);
        if (differs) {
            add_difference(live, verify, theirs < ours ? theirs : ours);
        }
        a += theirs <= ours;
        b += ours <= theirs;
    }
    if (!verify->where[0]) {
        (void)text_format(verify->where, sizeof(verify->where),
                          "in a part of the state that did not change in this tick: it differed "
                          "before the recording's first hash");
    }
    arena_close(&arena);
}

// What is different by the next moment that the file holds whole.
static void name_later(Live *live, LiveVerify *verify)
{
    uint64_t moment;
    Fault ignored;
    if (!replay_next_state(live->config.replay, live->moment, &moment)) {
        return;
    }
    while (live->moment < moment && run_one(live, verify, &ignored)) {
        verify->ticks--;
    }
    if (live->moment == moment) {
        (void)live_verify_name_later(live, verify);
    }
}

// Something differs between the moment before the last one captured, which was right, and here.
static bool find_first(Live *live, LiveVerify *verify, uint64_t good_moment, Fault *fault)
{
    uint64_t bad_moment = live->moment;
    TimelinePlace here = timeline_here(live->timeline), reached;
    verify->diverged = true;
    here.at--;
    if (!timeline_seek(live->timeline, here, &reached, fault)) {
        return false;
    }
    live_jumped(live);
    live->moment = good_moment;
    live->replay_ended = verify->ended = false;
    live->reloaded = !live->host->state->started; // the first tick is told so in this run, too
    uint64_t captured = good_moment;
    while (live->moment < bad_moment && run_one(live, verify, fault)) {
        TimelineCapture took;
        ReplayCheck again;
        verify->ticks--; // it has been counted
        if (live->event.has_hash && !check(live, verify, &took, &again)) {
            verify->moment = live->moment;
            if (captured + 1 != live->moment || !live_verify_name(live, verify)) {
                name_pages(live, verify, &again);
                name_later(live, verify);
            }
            return true;
        }
        captured = live->event.has_hash ? live->moment : captured;
    }
    verify->moment = bad_moment;
    (void)text_format(verify->where, sizeof(verify->where),
                      "somewhere after moment %llu, and run again it came out right: the game does "
                      "not do the same twice (`hotloop run --synctest 1` finds where)",
                      (unsigned long long)good_moment);
    return true;
}

static bool is_other(const Live *live, LiveVerify *verify)
{
    if (!verify->other_structs
        && live_replay_is_other(live, verify->others, sizeof(verify->others))) {
        verify->other_structs = true;
        verify->others_from = live->verified_moment;
    }
    return verify->other_structs;
}

// The state at the end, which the recording knows even where its last ticks have no hash.
static bool check_end(Live *live, LiveVerify *verify, Fault *fault)
{
    uint64_t good = live->verified_moment;
    if (verify->other_structs || (live->moment == good && verify->got == live->replay_hash)) {
        return true;
    }
    TimelineCapture took;
    ReplayCheck now;
    live->event.hash = live->replay_hash;
    if (!check(live, verify, &took, &now) && !is_other(live, verify)) {
        (void)find_first(live, verify, good, fault);
        verify->ended = true;
    }
    return true;
}

bool live_verify(Live *live, uint64_t ticks, LiveVerify *verify, Fault *fault)
{
    live->verifying = true;
    if (!live->hash && !(live->hash = live_hash_open(fault))) {
        return false;
    }
    if (!live->timeline) {
        if (!live_begin_history(live)) {
            *fault = live->history_fault;
            return false;
        }
        live->verified_moment = live->moment;
        (void)is_other(live, verify);
    }
    uint64_t stop = verify->ticks + ticks, last = replay_last(live->config.replay);
    while (verify->ticks < stop && !verify->ended) {
        uint64_t good = live->verified_moment;
        uint64_t pause = live->moment + CHECK_TICKS;
        bool ran = true, due = false;
        while (ran && !due && (!verify->other_structs || verify->ticks < stop)) {
            ran = run_one(live, verify, fault);
            if (live->files->is_other) { // a build that came just now
                (void)is_other(live, verify);
            }
            due = ran && live->event.has_hash && !verify->other_structs
                  && (live->moment >= pause || live->moment + LAST_TICKS > last);
        }
        if (!ran && !verify->ended) {
            return false;
        }
        TimelineCapture took;
        ReplayCheck now;
        if (due && !check(live, verify, &took, &now) && !is_other(live, verify)) {
            return find_first(live, verify, good, fault);
        }
        live->verified_moment = due ? live->moment : good;
    }
    if (verify->ended && live->replay_finished && !verify->diverged) {
        return check_end(live, verify, fault);
    }
    return true;
}
