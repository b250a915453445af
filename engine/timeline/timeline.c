// One segment as a full copy. A copy of 64 MiB takes some 10 ms and happens once, when F6 begins to
// record; what happens every tick is an append of 504 bytes.
#include "timeline.h"

#include <assert.h>
#include <string.h>

enum { INPUTS_MAX = 24 * 60 * 60 * 60 }; // 24 hours at 60 Hz: 2.5 GiB of address space

bool timeline_open(Timeline *timeline, size_t state_max_bytes, Fault *fault)
{
    *timeline = (Timeline){0};
    if (!arena_open(&timeline->first, 0, state_max_bytes, fault)) {
        return false;
    }
    if (!arena_open(&timeline->inputs, 0, INPUTS_MAX * sizeof(hl_input), fault)) {
        timeline_close(timeline);
        return false;
    }
    return true;
}

void timeline_close(Timeline *timeline)
{
    arena_close(&timeline->first);
    arena_close(&timeline->inputs);
    *timeline = (Timeline){0};
}

void timeline_begin(Timeline *timeline, uint64_t tick, const void *state, size_t state_bytes)
{
    timeline_forget(timeline);
    if (state_bytes > 0) {
        memcpy(arena_push(&timeline->first, 1, 1, state_bytes), state, state_bytes);
    }
    timeline->first_tick = tick;
    timeline->state_bytes = state_bytes;
    timeline->has_segment = true;
}

bool timeline_push(Timeline *timeline, const hl_input *input)
{
    assert(timeline->has_segment);
    if (timeline->input_count >= INPUTS_MAX) {
        return false;
    }
    hl_input *slot = arena_try_push(&timeline->inputs, sizeof(hl_input), _Alignof(hl_input), 1);
    if (!slot) {
        return false;
    }
    memcpy(slot, input, sizeof(*slot)); // bytes: what was recorded is what comes back
    timeline->input_count++;
    return true;
}

const hl_input *timeline_input(const Timeline *timeline, uint32_t index)
{
    if (index >= timeline->input_count) {
        return NULL;
    }
    return (const hl_input *)(const void *)timeline->inputs.base + index;
}

size_t timeline_restore_first(const Timeline *timeline, void *state, size_t used_bytes)
{
    assert(timeline->has_segment);
    if (timeline->state_bytes > 0) {
        memcpy(state, timeline->first.base, timeline->state_bytes);
    }
    if (used_bytes > timeline->state_bytes) {
        // What was allocated after the segment's start must not shine through when the same bytes
        // are handed out again: a second pass over the loop would then differ from the first.
        memset((uint8_t *)state + timeline->state_bytes, 0, used_bytes - timeline->state_bytes);
    }
    return timeline->state_bytes;
}

void timeline_forget(Timeline *timeline)
{
    // Released, not reset: an hour of inputs is 100 MB that nobody will read again.
    arena_release(&timeline->first);
    arena_release(&timeline->inputs);
    timeline->first_tick = 0;
    timeline->state_bytes = 0;
    timeline->input_count = 0;
    timeline->has_segment = false;
}
