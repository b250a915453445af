// A look at another moment while the game goes on: its memory becomes that moment's for as long as
// draw() takes, and is then what it was before, to the byte.
#include "live_internal.h"

#include <string.h>

// What a draw() of another moment would take from what is seen of this one.
typedef struct Aside {
    DrawList debug;
    HostPast past;
    HostWatch watches[HOST_WATCHES_MAX];
    uint32_t watch_count, lines_dropped;
    HostMark mark;
} Aside;

static void put_aside(const Host *host, Aside *aside)
{
    aside->debug = host->debug;
    aside->past = host->past;
    memcpy(aside->watches, host->watches, sizeof(aside->watches));
    aside->watch_count = host->watch_count;
    aside->lines_dropped = host->lines_dropped;
    aside->mark = host_mark(host);
}

static void take_back(Host *host, const Aside *aside)
{
    host->debug = aside->debug;
    host->past = aside->past;
    memcpy(host->watches, aside->watches, sizeof(host->watches));
    host->watch_count = aside->watch_count;
    host->lines_dropped = aside->lines_dropped;
    host_take_back(host, &aside->mark);
}

bool live_can_peek(const Live *live, LivePlace at)
{
    if (!live->timeline || !live->now.game || live->fitted != live->generation
        || live->stopped.kind != FAULT_NONE || at.moment < live->base) {
        return false;
    }
    TimelinePlace place = live_to_timeline(live, at);
    bool is_there = place.at <= timeline_last(live->timeline, place.branch);
    place.at = timeline_nearest(live->timeline, place);
    uint64_t build = timeline_build(live->timeline, place);
    build = build ? build : live->first_build;
    return is_there && build == live->generation;
}

static bool draw_there(Live *live, LivePlace at, DrawList *draw, Fault *fault)
{
    Host *host = live->host;
    Arena keep;
    if (!arena_open(&keep, 0, sizeof(Aside) + PAGE_BYTES, fault)) {
        return false;
    }
    Aside *aside = ARENA_NEW(&keep, Aside, 1);
    put_aside(host, aside);
    host->debug.cmd_count = 0; // what the last tick that ran drew with hl_debug_
    const HostState *state = host->state;
    bool ok = state->root && state->started;
    if (ok) {
        live_trails_show_at(live, live_to_timeline(live, at), at.moment);
        ok = host_draw(host, live->now.game, 1, draw, fault);
    } else {
        (void)fault_set(fault, FAULT_GAME, "at that moment nothing had been made yet");
    }
    take_back(host, aside);
    arena_close(&keep);
    return ok;
}

bool live_peek(Live *live, LivePlace at, DrawList *draw, Fault *fault)
{
    Fault end;
    if (!live_can_peek(live, at)) {
        return fault_set(fault, FAULT_USAGE,
                         "moment %llu was made by another build: it can be gone to",
                         (unsigned long long)at.moment);
    }
    if (!timeline_look(live->timeline, live_to_timeline(live, at), fault)) {
        return false;
    }
    bool ok = draw_there(live, at, draw, fault);
    if (!timeline_look_end(live->timeline, &end)) {
        *fault = end;
        return false;
    }
    return ok;
}
