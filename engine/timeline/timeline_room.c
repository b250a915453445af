// Room for a large edge, made ready before it is needed: where history's memory was never written,
// each of its pages is a fault, which for 64 MiB takes longer than all else about capturing them.
// And memory that is not needed any more, which is given back by the worker, too.
#include "timeline_internal.h"

enum { STEP_BYTES = 1 << 20 }; // asked of the kernel at a time: others wait for the same lock
enum { SPARE_UNITS = 4096, TRIM_UNITS = 1024 };

static void fill(void *with)
{
    Ready *ready = with;
    uint8_t *first = store_at(ready->store, ready->unit);
    for (size_t at = 0; at < ready->fill_bytes; at += STEP_BYTES) {
        size_t left = ready->fill_bytes - at;
        if (!arena_advise(first + at, left < STEP_BYTES ? left : STEP_BYTES, ARENA_FILL)) {
            break; // then it is as slow as it is
        }
    }
    atomic_store(&ready->is_filled, true);
}

void room_forget(Timeline *timeline)
{
    Ready *ready = &timeline->ready;
    if (ready->unit) {
        if (!atomic_load(&ready->is_filled)) {
            worker_wait(timeline->worker);
        }
        store_shrink(&timeline->store, ready->unit, ready->bytes, 0);
        ready->unit = 0;
    }
}

// Little at a time: the frame thread may come to wait for the worker.
static void trim(void *with)
{
    Timeline *timeline = with;
    store_trim(&timeline->store, SPARE_UNITS, TRIM_UNITS);
    atomic_store(&timeline->is_trimming, false);
}

void room_trim(Timeline *timeline)
{
    if (!store_is_trim(&timeline->store, SPARE_UNITS)
        && !atomic_exchange(&timeline->is_trimming, true)
        && !worker_do(timeline->worker, trim, timeline)) {
        atomic_store(&timeline->is_trimming, false);
    }
}

void timeline_prepare(Timeline *timeline, size_t bytes)
{
    const size_t more = 4u << 20; // what else a tick writes
    Ready *ready = &timeline->ready;
    room_forget(timeline);
    size_t pages = (bytes + bytes / 8 + more) / PAGE_BYTES;
    size_t room = pages * (DELTA_MAX_BYTES + sizeof(uint32_t));
    if (bytes == 0 || room > timeline->budget_bytes) {
        return;
    }
    ready->store = &timeline->store;
    ready->unit = store_take(&timeline->store, room);
    ready->bytes = room;
    ready->fill_bytes = bytes / PAGE_BYTES * PAGE_BYTES;
    atomic_store(&ready->is_filled, false);
    if (ready->unit && !worker_do(timeline->worker, fill, ready)) {
        atomic_store(&ready->is_filled, true);
    }
}

bool timeline_is_prepared(const Timeline *timeline)
{
    return !timeline->ready.unit || atomic_load(&timeline->ready.is_filled);
}

uint32_t room_take(Timeline *timeline, size_t bytes)
{
    Ready *ready = &timeline->ready;
    if (!ready->unit || bytes > ready->bytes) {
        return store_take(&timeline->store, bytes);
    }
    uint32_t unit = ready->unit;
    if (!atomic_load(&ready->is_filled)) {
        worker_wait(timeline->worker);
    }
    store_shrink(&timeline->store, unit, ready->bytes, bytes);
    ready->unit = 0;
    return unit;
}

size_t history_bytes(const Timeline *timeline)
{
    const Ready *ready = &timeline->ready;
    size_t room = ready->unit ? (ready->bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES : 0;
    return store_used_bytes(&timeline->store) - room;
}
