// Trails over history: a tick's points belong to the moment that it became, and those that are
// drawn lie on the way to the moment that is shown.
#include "live_internal.h"

enum { EDITS_AMONG = 64 }; // moments that are no ticks and still leave two seconds to be seen

void live_trails_keep(Live *live)
{
    if (live->host->trail_count == 0) {
        return;
    }
    uint32_t branch = 0;
    if (live->timeline) {
        branch = timeline_owner(live->timeline, timeline_here(live->timeline)).branch;
    }
    host_trails_keep(live->host, branch, live->moment);
}

void live_trails_show(Live *live)
{
    TimelinePlace here = live->timeline ? timeline_here(live->timeline) : (TimelinePlace){0};
    live_trails_show_at(live, here, live->moment);
}

// Of a branch's past its parents' moments are the nearest below it: asked for once a moment.
void live_trails_show_at(Live *live, TimelinePlace here, uint64_t moment)
{
    Host *host = live->host;
    HostPast *past = &host->past;
    uint64_t count = 2 * (uint64_t)live_tick_rate(live) + EDITS_AMONG;
    if (host->trail_count == 0) {
        return;
    }
    count = count < HOST_TRAIL_SPAN ? count : HOST_TRAIL_SPAN;
    past->here = moment;
    past->count = (uint32_t)count;
    for (uint32_t i = 0; i < count; i++) {
        TimelinePlace place = {here.branch, here.at - i};
        bool is_there = live->timeline && here.at >= i;
        past->branches[i] = is_there ? timeline_owner(live->timeline, place).branch : 0;
    }
}
