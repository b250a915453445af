// Recorded moments of a running game: a first state and the inputs that followed. In this form it
// holds one segment - what F6 records and loops - as a full copy; the storage is behind this header
// so that histories of every tick can take its place.
#ifndef TIMELINE_H
#define TIMELINE_H
#include "arena.h"
#include "hotloop.h"

typedef struct Timeline {
    Arena first;  // copy of the state's used bytes at the segment's first tick
    Arena inputs; // hl_input, one a tick
    uint64_t first_tick;
    size_t state_bytes; // in `first`
    uint32_t input_count;
    bool has_segment;
} Timeline;

// Room for states of up to `state_max_bytes` (address space only).
bool timeline_open(Timeline *timeline, size_t state_max_bytes, Fault *fault);
void timeline_close(Timeline *timeline);
// Begins a segment at `tick` with this state; forgets the one before.
void timeline_begin(Timeline *timeline, uint64_t tick, const void *state, size_t state_bytes);
// The input of the next tick of the segment. False when it is full (24 hours at 60 Hz).
bool timeline_push(Timeline *timeline, const hl_input *input);
// The input of tick first_tick + 1 + index; NULL past the end.
const hl_input *timeline_input(const Timeline *timeline, uint32_t index);
// Puts the first state back over `state`, of which `used_bytes` are in use now; zeroes what lies
// beyond the old extent. Returns the bytes in use from now on.
size_t timeline_restore_first(const Timeline *timeline, void *state, size_t used_bytes);
void timeline_forget(Timeline *timeline);

#endif
