// A field over history: what lies at a path in every moment of a past, the newest first. The path
// is looked up in the types of the build that made each moment; pointers on the way are followed to
// where they led then. Nothing is gone to, and nothing is changed.
//
//   live_trace.c   the moments     live_way.c     a path as places and pointers
//   live_series.c  what a plot shows, kept from frame to frame
//   live_when.c    conditions on a field: when it became so, and whether it does now
#ifndef LIVE_TRACE_H
#define LIVE_TRACE_H
#include "live.h"

enum { LIVE_WAY_STEPS = 8, LIVE_SAMPLE_BYTES = 16, LIVE_PATH_MAX = 2 * FIELD_NAME_MAX };

// ------------------------------------------------------------------------------------------ ways

// An address: `offset` bytes from the value of a pointer that comes before it, or from 0.
typedef struct LiveReach {
    int from; // which pointer; -1: none
    uint64_t offset;
} LiveReach;

// A path in the terms of one build: pointers to read one after the other, and then the value. An
// index, and which allocation TYPE#N is, are as of now.
typedef struct LiveWay {
    uint32_t step_count;
    LiveReach steps[LIVE_WAY_STEPS]; // of pointers
    LiveReach value;
    uint32_t bytes;   // of the value, up to LIVE_SAMPLE_BYTES
    ReflectLeaf leaf; // a number, or an address
} LiveWay;

// `generation`: one that plays or played; 0: the one that plays. FAULT_USAGE: there is no such
// place, or what is there is no number and no pointer.
bool live_way(const Live *live, uint64_t generation, const char *path, LiveWay *way, Fault *fault);

// --------------------------------------------------------------------------------------- samples

typedef struct LiveSample {
    uint64_t moment;
    bool has;     // false: there is nothing at this path: another struct, a NULL on the way
    double value; // numbers, bools as 0 and 1, enums and addresses as their number
    uint32_t size_bytes;
    uint8_t bytes[LIVE_SAMPLE_BYTES];
    ReflectLeaf leaf; // valid until the next swap
} LiveSample;

double live_leaf_value(const ReflectLeaf *leaf, const uint8_t *bytes);
// Of the memory as it is, without history.
void live_sample(const Live *live, const LiveWay *way, LiveSample *sample);
bool live_same_sample(const LiveSample *a, const LiveSample *b);
// "12", "-0.5", "IDLE", "0x550000001230", "nothing" where there is none.
void live_sample_text(const LiveSample *sample, char *out, size_t out_bytes);

// False: that is enough.
typedef bool LiveTraceUse(void *with, const LiveSample *sample);
// From `from`, or the nearest earlier moment that is left, back to moment `first`. FAULT_USAGE:
// there is no such path in the build that plays, or no history.
bool live_trace(const Live *live, const char *path, LivePlace from, uint64_t first,
                LiveTraceUse *use, void *with, Fault *fault);
// What it was at that moment, or the nearest earlier one that is left.
bool live_trace_at(const Live *live, const char *path, LivePlace place, LiveSample *sample,
                   Fault *fault);

// ---------------------------------------------------------------------------------------- series

enum { LIVE_SERIES_MAX = 1 << 17 }; // moments

// The values of the latest moments that were asked for, each worked out once. Begins as zero.
typedef struct LiveSeries {
    char path[LIVE_PATH_MAX];
    Arena memory;
    double *values; // by moment, modulo LIVE_SERIES_MAX
    bool has_any;
    uint32_t branch;
    uint64_t first, last; // of its past or its own, that are known
    uint64_t histories;
    Fault fault; // why there is nothing; empty: fine
} LiveSeries;

// Works on it for up to some `budget_ns` (0: until it is done), so that the moments `first` ..
// place.moment are known; the newest come first. True: they are. What is asked for at once is
// limited to LIVE_SERIES_MAX.
bool live_series_update(LiveSeries *series, const Live *live, const char *path, LivePlace place,
                        uint64_t first, uint64_t budget_ns);
// What it was then, in thinned time at the nearest moment before; false: not known (yet), or
// nothing was there.
bool live_series_value(const LiveSeries *series, uint64_t moment, double *value);
void live_series_close(LiveSeries *series); // a zeroed one is fine

#endif
