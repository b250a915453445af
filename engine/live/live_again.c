// A loop that began before its game's structs or code changed comes back to the same moment with
// every pass. What it takes to put that moment into the terms of the build that plays is worked out
// once; from then on the pages that this wrote are written again.
#include "live_internal.h"

#include <string.h>

#define AGAIN_BYTES_MAX (4ull << 30)

struct LiveAgain {
    Arena memory; // of `pages` and `bytes`
    TimelinePlace place;
    uint64_t generation, histories;
    uint8_t **pages;
    uint8_t *bytes;
    size_t count;
};

LiveAgain *live_again_open(Arena *arena)
{
    return ARENA_NEW(arena, LiveAgain, 1);
}

void live_again_forget(LiveAgain *again)
{
    if (again) {
        Arena memory = again->memory;
        *again = (LiveAgain){0};
        arena_close(&memory);
    }
}

static bool is_of_here(const Live *live, TimelinePlace place)
{
    const LiveAgain *again = live->again;
    bool is_todays = again->generation == live->generation
                     || (live_is_same_code(live, again->generation, live->generation)
                         && live_index_of(live, again->generation) >= 0);
    return again->count > 0 && is_todays && again->histories == live->histories
           && again->place.branch == place.branch && again->place.at == place.at;
}

// Where the other compiler's build of the same sources worked it out, only its addresses have to be
// turned: nothing that was done once, a game's .migrate say, is done again.
bool live_again_put(Live *live)
{
    const LiveAgain *again = live->again;
    if (!is_of_here(live, timeline_owner(live->timeline, timeline_here(live->timeline)))) {
        return false;
    }
    for (size_t i = 0; i < again->count; i++) {
        memcpy(again->pages[i], again->bytes + i * PAGE_BYTES, PAGE_BYTES);
    }
    live->fitted = again->generation;
    host_attach(live->host, live->state.base, live->state.reserve_bytes);
    return live->fitted == live->generation;
}

size_t live_span_pages(const DirtySpan *spans, size_t count)
{
    size_t pages = 0;
    for (size_t i = 0; i < count; i++) {
        pages += (spans[i].end - spans[i].first) / PAGE_BYTES;
    }
    return pages;
}

void live_again_take(Live *live)
{
    LiveAgain *again = live->again;
    const DirtySpan *spans;
    size_t count;
    Fault ignored;
    live_again_forget(again);
    if (!timeline_written(live->timeline, &spans, &count, &ignored)
        || !arena_open(&again->memory, 0, AGAIN_BYTES_MAX, &ignored)) {
        return; // every pass works it out anew then
    }
    size_t pages = live_span_pages(spans, count);
    again->pages = arena_try_push(&again->memory, sizeof(uint8_t *), 16, pages + 1);
    again->bytes = arena_try_push(&again->memory, PAGE_BYTES, PAGE_BYTES, pages);
    if (!again->pages || !again->bytes) {
        live_again_forget(again);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        for (uintptr_t at = spans[i].first; at < spans[i].end; at += PAGE_BYTES) {
            again->pages[again->count] = (uint8_t *)at;
            memcpy(again->bytes + again->count++ * PAGE_BYTES, (const void *)at, PAGE_BYTES);
        }
    }
    again->place = timeline_owner(live->timeline, timeline_here(live->timeline));
    again->generation = live->generation;
    again->histories = live->histories;
}
