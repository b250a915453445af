// Where the bytes of history are: a bitmap of pages in one reserved range. The lowest free run that
// is long enough is taken, which keeps what is in use together; one look at the whole map of a
// gigabyte is 4,096 words.
//
// Of a kept timeline another process reads it. What is given back is counted as free at once, but
// waits in limbo until that process has seen that nobody names it any more. It is not waited for
// without end: when it is too late, the serial number in unit 0 says so.
#include "timeline_internal.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

enum { TRIM_UNITS = 256 }; // given back in one call of the kernel

static const uint64_t STORE_MAGIC = UINT64_C(0x65726f7453706f6c); // "lopStore"
static const uint64_t PATIENCE_NS = 20 * NS_PER_S;
static const uint64_t LIMBO_UNITS_MAX = (256u << 20) / PAGE_BYTES;

typedef struct Given {
    uint32_t unit, count;
    uint64_t stamp; // the sequence from which on nobody names it
    uint64_t ns;    // when
} Given;

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

static bool open_maps(Store *store, Fault *fault)
{
    store->unit_count = (uint32_t)(store->arena.reserve_bytes / PAGE_BYTES);
    size_t words = store->unit_count / 64 + 1;
    if (!arena_open(&store->maps, 0, 2 * words * sizeof(uint64_t), fault)) {
        return false;
    }
    store->taken = ARENA_NEW(&store->maps, uint64_t, words);
    store->touched = ARENA_NEW(&store->maps, uint64_t, words);
    pthread_mutex_init(&store->lock, NULL);
    store->is_open = true;
    return true;
}

bool store_open(Store *store, size_t reserve_bytes, Fault *fault)
{
    *store = (Store){.low = 1, .top = 1, .fd = -1};
    if (!arena_open(&store->arena, 0, reserve_bytes, fault)) {
        return false;
    }
    arena_push(&store->arena, PAGE_BYTES, PAGE_BYTES, 1); // unit 0
    return open_maps(store, fault);
}

bool store_open_shared(Store *store, size_t reserve_bytes, Share *share, int fd, Fault *fault)
{
    *store = (Store){.low = 1, .top = 1, .fd = fd, .share = share};
    bool is_new = fd < 0;
    bool ok = is_new ? arena_open_shared(&store->arena, "hotloop-history", reserve_bytes,
                                         &store->fd, fault)
                     : arena_open_file(&store->arena, fd, true, fault);
    if (!ok || !arena_open(&store->limbo, 0, 4ull << 30, fault) || !open_maps(store, fault)) {
        return false;
    }
    StoreHead *head = store_head(store);
    if (is_new) {
        head->magic = STORE_MAGIC;
    } else if (head->magic != STORE_MAGIC) {
        return fault_set(fault, FAULT_FORMAT, "the memory file is not that of a history");
    }
    store->arena.used_bytes = store->arena.touched_bytes = PAGE_BYTES;
    return true;
}

StoreHead *store_head(const Store *store)
{
    return (StoreHead *)(void *)store->arena.base;
}

void store_close(Store *store)
{
    if (store->is_open) {
        pthread_mutex_destroy(&store->lock);
    }
    if (store->share && store->fd >= 0) {
        close(store->fd);
    }
    arena_close(&store->arena);
    arena_close(&store->maps);
    arena_close(&store->limbo);
    *store = (Store){.fd = -1};
}

// ----------------------------------------------------------------------------------------- limbo

static void release_locked(Store *store, uint32_t unit, uint32_t count)
{
    uint32_t were = bits_change(store->taken, unit, count, false);
    assert(were == count);
    store->low = unit < store->low ? unit : store->low;
    store->spare += count;
}

static void limbo_end(Store *store)
{
    const Given *given = (const Given *)(const void *)store->limbo.base;
    for (size_t i = store->limbo_first; i < store->limbo_count; i++) {
        release_locked(store, given[i].unit, given[i].count);
    }
    store->limbo_first = store->limbo_count = 0;
    store->limbo_units = 0;
    arena_reset(&store->limbo, 0);
}

// What was given back may be written over from here on: nobody can adopt what names it.
static void give_up_follower(Store *store)
{
    atomic_store(&store->share->is_followed, 0);
    if (atomic_load(&store->share->is_claimed)) {
        atomic_store(&store->share->is_claimed, 0);
        atomic_fetch_add(&store_head(store)->serial, 1);
    }
    limbo_end(store);
}

// Forgets the front of the list, which has been worked off.
static void limbo_shorten(Store *store)
{
    enum { MANY = 4096 };
    size_t left = store->limbo_count - store->limbo_first;
    if (left > 0 && (store->limbo_first < MANY || store->limbo_first < left)) {
        return;
    }
    Given *given = (Given *)(void *)store->limbo.base;
    memmove(given, given + store->limbo_first, left * sizeof(Given));
    arena_reset(&store->limbo, left * sizeof(Given));
    store->limbo_first = 0;
    store->limbo_count = left;
}

// What the mirror has followed past is free.
static void limbo_drain(Store *store)
{
    if (store->limbo_count == 0) {
        return;
    }
    uint64_t seen = atomic_load(&store->share->seen);
    const Given *given = (const Given *)(const void *)store->limbo.base;
    while (store->limbo_first < store->limbo_count && given[store->limbo_first].stamp <= seen) {
        const Given *one = &given[store->limbo_first++];
        release_locked(store, one->unit, one->count);
        store->limbo_units -= one->count;
    }
    limbo_shorten(store);
    if (store->limbo_count > 0
        && (store->limbo_units > LIMBO_UNITS_MAX
            || mono_ns() - given[store->limbo_first].ns > PATIENCE_NS)) {
        give_up_follower(store);
    }
}

static void limbo_put(Store *store, uint32_t unit, uint32_t count)
{
    Given *given = arena_try_push(&store->limbo, sizeof(Given), 8, 1);
    if (!given) {
        give_up_follower(store);
        release_locked(store, unit, count);
        return;
    }
    uint64_t stamp = atomic_load_explicit(&store->share->sequence, memory_order_relaxed);
    *given = (Given){unit, count, stamp + (stamp % 2 ? 1 : 2), mono_ns()};
    store->limbo_count++;
    store->limbo_units += count;
}

// Where nobody follows but somebody may still have a note of what is there, it is void now.
static bool is_followed(Store *store)
{
    if (!store->share) {
        return false;
    }
    if (!atomic_load(&store->share->is_followed)) {
        give_up_follower(store);
        return false;
    }
    return true;
}

// --------------------------------------------------------------------------------- take and give

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
    limbo_drain(store);
    uint32_t unit = take_locked(store, units_of(bytes));
    pthread_mutex_unlock(&store->lock);
    return unit;
}

void store_give(Store *store, uint32_t unit, size_t bytes)
{
    uint32_t count = units_of(bytes);
    pthread_mutex_lock(&store->lock);
    assert(unit > 0 && unit + count <= store->top);
    store->used -= count;
    if (is_followed(store)) {
        limbo_put(store, unit, count);
    } else {
        release_locked(store, unit, count);
    }
    pthread_mutex_unlock(&store->lock);
}

void store_shrink(Store *store, uint32_t unit, size_t taken_bytes, size_t bytes)
{
    uint32_t were = units_of(taken_bytes), count = units_of(bytes);
    pthread_mutex_lock(&store->lock);
    assert(unit > 0 && count <= were && unit + were <= store->top);
    if (count < were) {
        release_locked(store, unit + count, were - count);
        store->used -= were - count;
    }
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

bool store_claim(Store *store, uint32_t unit, size_t bytes)
{
    uint32_t count = units_of(bytes);
    if (unit == 0 || unit >= store->unit_count || count > store->unit_count - unit
        || bits_find(store->taken, unit, unit + count, true) != unit + count) {
        return false;
    }
    bits_change(store->taken, unit, count, true);
    bits_change(store->touched, unit, count, true);
    store->used += count;
    store->top = unit + count > store->top ? unit + count : store->top;
    return true;
}

void store_claimed(Store *store)
{
    for (uint32_t at = 1; at < store->unit_count;) {
        uint32_t first = bits_find(store->taken, at, store->unit_count, false);
        uint32_t end = bits_find(store->taken, first, store->unit_count, true);
        if (end > first) {
            (void)arena_advise(store_at(store, first), (size_t)(end - first) * PAGE_BYTES,
                               ARENA_DROP_SHARED);
        }
        at = end;
    }
    store->arena.used_bytes = store->arena.touched_bytes = (size_t)store->top * PAGE_BYTES;
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

bool store_is_trim(Store *store, uint32_t keep)
{
    pthread_mutex_lock(&store->lock);
    bool is_trim = store->spare <= keep;
    pthread_mutex_unlock(&store->lock);
    return is_trim;
}

// The kernel is called without the lock: meanwhile the units count as taken.
void store_trim(Store *store, uint32_t keep, uint32_t most)
{
    pthread_mutex_lock(&store->lock);
    for (uint32_t given = 0; store->spare > keep && given < most;) {
        uint32_t count, unit = claim_spare(store, &count);
        if (unit == 0) {
            break;
        }
        given += count;
        pthread_mutex_unlock(&store->lock);
        (void)arena_advise(store_at(store, unit), (size_t)count * PAGE_BYTES,
                           store->share ? ARENA_DROP_SHARED : ARENA_DROP);
        pthread_mutex_lock(&store->lock);
        store->spare -= bits_change(store->touched, unit, count, false);
        bits_change(store->taken, unit, count, false);
        store->low = unit < store->low ? unit : store->low;
    }
    pthread_mutex_unlock(&store->lock);
}

// The mirror may still need all of it: it goes to limbo as a whole.
static void forget_slowly(Store *store)
{
    store->limbo_first = store->limbo_count = 0;
    store->limbo_units = 0;
    arena_reset(&store->limbo, 0);
    for (uint32_t at = 1; at < store->top && atomic_load(&store->share->is_followed);) {
        uint32_t first = bits_find(store->taken, at, store->top, true);
        at = bits_find(store->taken, first, store->top, false);
        if (at > first) {
            limbo_put(store, first, at - first);
        }
    }
    if (!atomic_load(&store->share->is_followed)) { // no room to remember it in
        store->spare += bits_change(store->taken, 1, store->top - 1, false);
        store->low = 1;
    }
    store->used = 0;
}

static void forget_at_once(Store *store)
{
    bits_change(store->taken, 1, store->top - 1, false);
    bits_change(store->touched, 1, store->top - 1, false);
    if (store->share) { // all but unit 0
        if (store->top > 1) {
            (void)arena_advise(store_at(store, 1), (size_t)(store->top - 1) * PAGE_BYTES,
                               ARENA_DROP_SHARED);
        }
        store->arena.used_bytes = store->arena.touched_bytes = PAGE_BYTES;
    } else {
        arena_release(&store->arena);
        arena_push(&store->arena, PAGE_BYTES, PAGE_BYTES, 1);
    }
    store->low = store->top = 1;
    store->trim_at = 0;
    store->used = 0;
    store->spare = 0;
}

void store_forget(Store *store)
{
    pthread_mutex_lock(&store->lock);
    if (is_followed(store)) {
        forget_slowly(store);
    } else {
        forget_at_once(store);
    }
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
