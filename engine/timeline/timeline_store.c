// Where the bytes of history are: a bitmap of pages in one reserved range. The lowest free run that
// is long enough is taken, which keeps what is in use together; one look at the whole map of a
// gigabyte is 4,096 words.
#include "timeline_internal.h"

#include <assert.h>
#include <string.h>

enum { TRIM_UNITS = 256 }; // given back in one call of the kernel

static uint32_t units_of(size_t bytes)
{
    return (uint32_t)((bytes + PAGE_BYTES - 1) / PAGE_BYTES);
}

// ------------------------------------------------------------------------------------------ bits

// Sets or clears [first, first + count); returns how many of them were set.
static uint32_t bits_change(uint64_t *bits, uint32_t first, uint32_t count, bool set)
{
    uint32_t were = 0;
    while (count > 0) {
        uint32_t from = first % 64, here = count < 64 - from ? count : 64 - from;
        uint64_t mask = (here == 64 ? UINT64_MAX : (UINT64_C(1) << here) - 1) << from;
        uint64_t *word = &bits[first / 64];
        were += (uint32_t)__builtin_popcountll(*word & mask);
        *word = set ? *word | mask : *word & ~mask;
        first += here;
        count -= here;
    }
    return were;
}

// The first place at or behind `from` where the bit is `set`; `end` when there is none before.
static uint32_t bits_find(const uint64_t *bits, uint32_t from, uint32_t end, bool set)
{
    while (from < end) {
        uint64_t word = (set ? bits[from / 64] : ~bits[from / 64]) >> (from % 64);
        if (word) {
            from += (uint32_t)__builtin_ctzll(word);
            return from < end ? from : end;
        }
        from = (from / 64 + 1) * 64;
    }
    return end;
}

// ----------------------------------------------------------------------------------------- store

bool store_open(Store *store, size_t reserve_bytes, Fault *fault)
{
    *store = (Store){.unit_count = units_of(reserve_bytes), .low = 1, .top = 1};
    size_t words = store->unit_count / 64 + 1;
    if (!arena_open(&store->arena, 0, reserve_bytes, fault)
        || !arena_open(&store->maps, 0, 2 * words * sizeof(uint64_t), fault)) {
        arena_close(&store->arena);
        return false;
    }
    store->taken = ARENA_NEW(&store->maps, uint64_t, words);
    store->touched = ARENA_NEW(&store->maps, uint64_t, words);
    arena_push(&store->arena, PAGE_BYTES, PAGE_BYTES, 1); // unit 0
    pthread_mutex_init(&store->lock, NULL);
    store->is_open = true;
    return true;
}

void store_close(Store *store)
{
    if (store->is_open) {
        pthread_mutex_destroy(&store->lock);
    }
    arena_close(&store->arena);
    arena_close(&store->maps);
    *store = (Store){0};
}

// The lowest run of `count` free units below the top; 0 when there is none.
static uint32_t find_run(Store *store, uint32_t count)
{
    uint32_t first = bits_find(store->taken, store->low, store->top, false);
    store->low = first;
    while (first + count <= store->top) {
        uint32_t end = bits_find(store->taken, first, first + count, true);
        if (end == first + count) {
            return first;
        }
        first = bits_find(store->taken, end, store->top, false);
    }
    return 0;
}

static uint32_t take_locked(Store *store, uint32_t count)
{
    uint32_t unit = find_run(store, count);
    if (unit == 0) {
        if (count > store->unit_count - store->top
            || !arena_try_push(&store->arena, PAGE_BYTES, PAGE_BYTES, count)) {
            return 0;
        }
        unit = store->top;
        store->top += count;
    }
    uint32_t were = bits_change(store->taken, unit, count, true);
    assert(were == 0);
    store->spare -= bits_change(store->touched, unit, count, true);
    store->used += count;
    return unit;
}

uint32_t store_take(Store *store, size_t bytes)
{
    if (bytes == 0 || bytes > (size_t)store->unit_count * PAGE_BYTES) {
        return 0;
    }
    pthread_mutex_lock(&store->lock);
    uint32_t unit = take_locked(store, units_of(bytes));
    pthread_mutex_unlock(&store->lock);
    return unit;
}

void store_give(Store *store, uint32_t unit, size_t bytes)
{
    uint32_t count = units_of(bytes);
    pthread_mutex_lock(&store->lock);
    assert(unit > 0 && unit + count <= store->top);
    uint32_t were = bits_change(store->taken, unit, count, false);
    assert(were == count);
    store->low = unit < store->low ? unit : store->low;
    store->used -= count;
    store->spare += count;
    pthread_mutex_unlock(&store->lock);
}

uint8_t *store_at(const Store *store, uint32_t unit)
{
    assert(unit > 0);
    return store->arena.base + (size_t)unit * PAGE_BYTES;
}

size_t store_used_bytes(const Store *store)
{
    return (size_t)store->used * PAGE_BYTES;
}

// A run that is free and touched, from the place where the last search ended; it is taken. 0: none.
static uint32_t claim_spare(Store *store, uint32_t *count)
{
    for (uint32_t round = 0; round < 2; round++) {
        uint32_t at = store->trim_at;
        while (at < store->top) {
            at = bits_find(store->touched, at, store->top, true);
            uint32_t end = at + TRIM_UNITS < store->top ? at + TRIM_UNITS : store->top;
            uint32_t stop = bits_find(store->touched, at, end, false);
            stop = bits_find(store->taken, at, stop, true);
            if (stop > at) {
                bits_change(store->taken, at, stop - at, true);
                store->trim_at = stop;
                *count = stop - at;
                return at;
            }
            at = bits_find(store->taken, at, store->top, false);
        }
        store->trim_at = 1;
    }
    return 0;
}

// The kernel is called without the lock: meanwhile the units count as taken.
void store_trim(Store *store, uint32_t keep)
{
    pthread_mutex_lock(&store->lock);
    while (store->spare > keep) {
        uint32_t count, unit = claim_spare(store, &count);
        if (unit == 0) {
            break;
        }
        pthread_mutex_unlock(&store->lock);
        (void)arena_advise(store_at(store, unit), (size_t)count * PAGE_BYTES, ARENA_DROP);
        pthread_mutex_lock(&store->lock);
        store->spare -= bits_change(store->touched, unit, count, false);
        bits_change(store->taken, unit, count, false);
        store->low = unit < store->low ? unit : store->low;
    }
    pthread_mutex_unlock(&store->lock);
}

void store_forget(Store *store)
{
    pthread_mutex_lock(&store->lock);
    bits_change(store->taken, 1, store->top - 1, false);
    bits_change(store->touched, 1, store->top - 1, false);
    arena_release(&store->arena);
    arena_push(&store->arena, PAGE_BYTES, PAGE_BYTES, 1);
    store->low = store->top = 1;
    store->trim_at = 0;
    store->used = 0;
    store->spare = 0;
    pthread_mutex_unlock(&store->lock);
}

// --------------------------------------------------------------------------------------- buffers

// Nothing else lies in the arena, so pushing more makes the same buffer longer; what is pushed for
// the first time need not be zeroed.
uint8_t *buffer_room(Arena *buffer, size_t bytes)
{
    if (bytes > buffer->used_bytes && !arena_try_push(buffer, bytes - buffer->used_bytes, 1, 1)) {
        return NULL;
    }
    return buffer->base;
}

void buffer_calm(Arena *buffer, size_t keep_bytes)
{
    if (buffer->used_bytes > keep_bytes) {
        arena_release(buffer);
    }
}
