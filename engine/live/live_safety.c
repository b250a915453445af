// Undoing a tick where no history is kept (--history 0, and --headless --fast as long as nobody
// asks for it). The state is known as of a mark some ticks ago, with the inputs since: a tick that
// failed is undone by going back to the mark and running the others again, unheard and unseen.
#include "live_internal.h"

#include <string.h>

enum {
    TICKS_FAST = 4096, // between two marks: a mark costs some 10 us, a hundred times a tick
    TICKS_PACED = 64   // all of which have to run within a moment
};

struct LiveSafety {
    Arena own;
    Timeline *timeline;
    hl_input *inputs; // of the ticks since the mark
    bool *reloaded;
    uint32_t count, room;
};

void live_safety_end(Live *live)
{
    LiveSafety *safety = live->safety;
    if (safety) {
        Arena own = safety->own;
        timeline_close(safety->timeline);
        live->safety = NULL;
        arena_close(&own);
    }
}

static void watch_globals(Live *live, const GameLib *lib)
{
    Fault ignored;
    uint32_t first_page;
    if (lib->globals_end > lib->globals_first) {
        (void)timeline_add_range(live->safety->timeline, (uint8_t *)lib->globals_first,
                                 lib->globals_end - lib->globals_first, &first_page, &ignored);
    }
}

// Without it, too, the game plays: only undoing a tick is not to be had then.
void live_safety_begin(Live *live)
{
    Arena own;
    Fault ignored;
    uint32_t room = live->config.history_on_demand ? TICKS_FAST : TICKS_PACED;
    live_safety_end(live);
    if (live->config.replay || live->verifying || live->no_safety
        || !arena_open(&own, 0, sizeof(LiveSafety) + (sizeof(hl_input) + 2) * room + 4096,
                       &ignored)) {
        live->no_safety = true;
        return;
    }
    LiveSafety *safety = live->safety = ARENA_NEW(&own, LiveSafety, 1);
    safety->room = room;
    safety->inputs = ARENA_NEW(&own, hl_input, room);
    safety->reloaded = ARENA_NEW(&own, bool, room);
    safety->own = own;
    TimelineConfig config = {.budget_bytes = 1u << 20, .method = live->config.dirty};
    GuardDescriptors before;
    guard_see_descriptors(&before);
    safety->timeline = timeline_open(&config, &ignored);
    live->no_safety = !safety->timeline;
    if (safety->timeline) {
        watch_globals(live, &live->now);
        live->no_safety =
            !timeline_begin(safety->timeline, live->state.base, live->state.reserve_bytes,
                            host_state_bytes(live->host), &ignored);
    }
    guard_keep_new_descriptors(live->config.guard, &before);
    if (live->no_safety) {
        live_safety_end(live);
    }
}

void live_safety_mark(Live *live)
{
    LiveSafety *safety = live->safety;
    static const TimelineMoment NOTHING;
    TimelineCapture took;
    Fault ignored;
    DeltaWords none = {0};
    if (safety) {
        safety->count = 0;
        if (!timeline_capture(safety->timeline, &NOTHING, host_state_bytes(live->host), none, &took,
                              &ignored)) {
            live->no_safety = true;
            live_safety_end(live);
        }
    }
}

void live_safety_tick(Live *live, const hl_input *input, bool reloaded)
{
    LiveSafety *safety = live->safety;
    if (safety->count == safety->room) {
        // The tick that has just run is part of the mark.
        live_safety_mark(live);
        return;
    }
    memcpy(&safety->inputs[safety->count], input, sizeof(*input));
    safety->reloaded[safety->count++] = reloaded;
}

bool live_safety_undo(Live *live)
{
    LiveSafety *safety = live->safety;
    Fault fault;
    GuardReport report = live->host->report;
    const char *call = live->host->call;
    if (!safety || !timeline_undo(safety->timeline, NULL, &fault)) {
        return false;
    }
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    HostMark mark = host_mark(live->host);
    HostSource source = live->host->source;
    live->host->source = HOST_REPEATS;
    bool ok = true;
    for (uint32_t i = 0; ok && i < safety->count; i++) {
        ok = host_update(live->host, live->now.game, &safety->inputs[i], safety->reloaded[i],
                         &fault);
        host_take_back(live->host, &mark);
    }
    live->host->source = source;
    live->host->report = report;
    live->host->call = call;
    return ok;
}
