// A few bytes over history: what some places of the memory held in every moment of a past, from a
// later moment back to an earlier one, without the rest of the memory being brought back. It walks
// the deltas and looks at the pages that the places lie in; where time has thinned out there are
// the moments that are left. Nothing is changed, neither memory nor where the timeline stands.
#ifndef TIMELINE_TRACE_H
#define TIMELINE_TRACE_H
#include "timeline.h"

enum { TIMELINE_SPOTS_MAX = 64, TIMELINE_SPOT_BYTES = 16 };

typedef struct TimelineSpot {
    const void *address; // in a range, as the game knows it; it may lie across two pages
    uint32_t bytes;      // 1 .. TIMELINE_SPOT_BYTES
} TimelineSpot;

typedef struct TimelineTraced {
    uint64_t at;      // moment
    uint32_t build;   // that made it, as in TimelineMoment; 0: not known, as of the first of all
    uint64_t changed; // a bit a spot: it held something else in the moment seen before, which is
                      // the next later one. All of them in the first.
    const uint8_t (*bytes)[TIMELINE_SPOT_BYTES]; // of each spot; valid until the use returns
} TimelineTraced;

// False: that is enough.
typedef bool TimelineTraceUse(void *with, const TimelineTraced *traced);

// Hands over the moments of `from`'s past, `from` itself first, back to moment `to`; where `from`
// cannot be reached any more, from the nearest earlier one on. `use` must not touch the timeline.
// False: there is no such branch, a spot lies in no range, or history is damaged there; what was
// handed over by then is right.
bool timeline_trace(Timeline *timeline, TimelinePlace from, uint64_t to, const TimelineSpot *spots,
                    uint32_t spot_count, TimelineTraceUse *use, void *with);

#endif
