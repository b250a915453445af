#include "dirty.h"
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "dirty_parts.h"

// Contents: spans, opening and closing, ranges, watching, looking.

// Every second page of the largest state, and as much again for globals.
#define SPANS_BYTES ((size_t)(ARENA_STATE_MAX / PAGE_BYTES / 2 * sizeof(DirtySpan)) * 2)
enum { SPANS_A_STEP = 4096 };

// ------------------------------------------------------------------------------------------- spans

static bool make_room(DirtySpans *spans, Fault *fault)
{
    if (!arena_try_push(&spans->memory, sizeof(DirtySpan), _Alignof(DirtySpan), SPANS_A_STEP)) {
        return fault_set(fault, FAULT_MEMORY, "no room for the list of written pages (%zu so far)",
                         spans->count);
    }
    spans->items = (DirtySpan *)spans->memory.base;
    spans->capacity += SPANS_A_STEP;
    return true;
}

bool dirty_add_span(DirtySpans *spans, uintptr_t first, uintptr_t end, Fault *fault)
{
    DirtySpan *last = spans->count > 0 ? &spans->items[spans->count - 1] : NULL;

    if (last && first <= last->end) {
        last->end = end > last->end ? end : last->end;
        return true;
    }
    if (spans->count == spans->capacity && !make_room(spans, fault)) {
        return false;
    }
    spans->items[spans->count++] = (DirtySpan){first, end};
    return true;
}

// ------------------------------------------------------------------------------ opening and
// closing

bool dirty_open_pagemap(Dirty *dirty, Fault *fault)
{
    dirty->pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    return dirty->pagemap >= 0
           || fault_set(fault, FAULT_MEMORY, "/proc/self/pagemap: %s", strerror(errno));
}

static bool open_method(Dirty *dirty, Arena *arena, Fault *fault)
{
    switch (dirty->method) {
    case DIRTY_UFFD:
        return dirty_uffd_open(dirty, arena, fault);
    case DIRTY_MEMFD:
        return dirty_memfd_open(dirty, arena, fault);
    case DIRTY_BEST:
    case DIRTY_MEMCMP:
        break;
    }
    return true;
}

Dirty *dirty_open_untried(Arena *arena, DirtyMethod method, Fault *fault)
{
    Dirty *dirty = ARENA_NEW(arena, Dirty, 1);

    *dirty = (Dirty){.method = method, .uffd = -1, .pagemap = -1, .memfd = -1};
    dirty->ranges = ARENA_NEW(arena, DirtyRange, DIRTY_RANGES_MAX);
    if (!arena_open(&dirty->taken.memory, 0, SPANS_BYTES, fault)
        || !arena_open(&dirty->seen.memory, 0, SPANS_BYTES, fault)
        || !open_method(dirty, arena, fault)) {
        dirty_close(dirty);
        return NULL;
    }
    return dirty;
}

Dirty *dirty_open(Arena *arena, DirtyMethod method, Fault *fault)
{
    Fault reason = {0};

    if (method == DIRTY_BEST) {
        method = dirty_probe(NULL, 0);
    } else if (method != DIRTY_MEMCMP && !dirty_try(method, &reason)) {
        fault_set(fault, FAULT_MEMORY,
                  "written pages cannot be found with %s here: %s; leave the choice to hotloop",
                  dirty_method_name(method), reason.text);
        return NULL;
    }
    return dirty_open_untried(arena, method, fault);
}

static void close_descriptor(int *fd)
{
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
}

void dirty_close(Dirty *dirty)
{
    if (!dirty) {
        return;
    }
    close_descriptor(&dirty->uffd); // takes its protection off everything
    close_descriptor(&dirty->pagemap);
    close_descriptor(&dirty->memfd); // lives on as long as it is mapped
    arena_close(&dirty->taken.memory);
    arena_close(&dirty->seen.memory);
    dirty->range_count = 0;
}

DirtyMethod dirty_method(const Dirty *dirty)
{
    return dirty->method;
}

// ------------------------------------------------------------------------------------------ ranges

// The first range that ends behind `memory`.
static uint32_t range_behind(const Dirty *dirty, const uint8_t *memory)
{
    uint32_t at = 0;

    while (at < dirty->range_count && dirty->ranges[at].end <= memory) {
        at++;
    }
    return at;
}

static bool continues(const Dirty *dirty, const DirtyRange *range, const DirtyRange *next)
{
    return range->end == next->memory
           && (dirty->method != DIRTY_MEMCMP
               || range->shadow + (range->end - range->memory) == next->shadow);
}

static void insert_range(Dirty *dirty, uint32_t at, DirtyRange range)
{
    assert(dirty->range_count < DIRTY_RANGES_MAX);
    memmove(&dirty->ranges[at + 1], &dirty->ranges[at],
            (dirty->range_count - at) * sizeof *dirty->ranges);
    dirty->ranges[at] = range;
    dirty->range_count++;
}

static void remove_range(Dirty *dirty, uint32_t at)
{
    dirty->range_count--;
    memmove(&dirty->ranges[at], &dirty->ranges[at + 1],
            (dirty->range_count - at) * sizeof *dirty->ranges);
}

// Adds a range that touches or stands alone. Callers have made sure that there is room.
static void add_range(Dirty *dirty, DirtyRange range)
{
    uint32_t at = range_behind(dirty, range.memory);

    insert_range(dirty, at, range);
    if (at + 1 < dirty->range_count && continues(dirty, &range, &dirty->ranges[at + 1])) {
        dirty->ranges[at].end = dirty->ranges[at + 1].end;
        remove_range(dirty, at + 1);
    }
    if (at > 0 && continues(dirty, &dirty->ranges[at - 1], &dirty->ranges[at])) {
        dirty->ranges[at - 1].end = dirty->ranges[at].end;
        remove_range(dirty, at);
    }
}

// Shortens the range at `at` by [memory, end), which lies in it; what is left may be nothing or two
// pieces. Returns how many.
static uint32_t cut_range(Dirty *dirty, uint32_t at, uint8_t *memory, uint8_t *end)
{
    DirtyRange whole = dirty->ranges[at];
    uint32_t left = 0;

    remove_range(dirty, at);
    if (whole.memory < memory) {
        insert_range(dirty, at + left++, (DirtyRange){whole.memory, memory, whole.shadow});
    }
    if (end < whole.end) {
        const uint8_t *shadow = whole.shadow ? whole.shadow + (end - whole.memory) : NULL;
        insert_range(dirty, at + left++, (DirtyRange){end, whole.end, shadow});
    }
    return left;
}

// ---------------------------------------------------------------------------------------- watching

bool dirty_watch(Dirty *dirty, uint8_t *memory, size_t bytes, const uint8_t *shadow, bool big,
                 Fault *fault)
{
    uint32_t behind = range_behind(dirty, memory);
    bool done = true;

    assert((uintptr_t)memory % PAGE_BYTES == 0 && bytes % PAGE_BYTES == 0 && bytes > 0);
    assert(behind == dirty->range_count || dirty->ranges[behind].memory >= memory + bytes);
    // One is left free for the piece that dirty_unwatch may cut off.
    if (dirty->range_count + 1 >= DIRTY_RANGES_MAX) {
        return fault_set(fault, FAULT_MEMORY, "%u pieces of memory are watched, the most there is",
                         dirty->range_count);
    }
    if (dirty->method == DIRTY_UFFD) {
        done = dirty_uffd_watch(dirty, memory, bytes, big, fault);
    } else if (dirty->method == DIRTY_MEMFD) {
        done = dirty_memfd_watch(dirty, memory, bytes, fault);
    }
    if (done) {
        add_range(dirty, (DirtyRange){memory, memory + bytes, shadow});
    }
    return done;
}

// The part of `range` that lies in [memory, end).
static DirtyRange part_of(const DirtyRange *range, const uint8_t *memory, const uint8_t *end)
{
    DirtyRange part = *range;

    if (memory > part.memory) {
        part.memory += memory - part.memory;
    }
    if (end < part.end) {
        part.end -= part.end - end;
    }
    return part;
}

void dirty_unwatch(Dirty *dirty, const uint8_t *memory, size_t bytes)
{
    const uint8_t *end = memory + bytes;
    uint32_t at = range_behind(dirty, memory);

    // What was taken and not settled would be settled over memory that is no longer ours. It counts
    // as written once more instead.
    dirty->taken.count = 0;
    while (at < dirty->range_count && dirty->ranges[at].memory < end) {
        DirtyRange part = part_of(&dirty->ranges[at], memory, end);
        if (dirty->method == DIRTY_UFFD) {
            dirty_uffd_unwatch(dirty, part.memory, (size_t)(part.end - part.memory));
        } else if (dirty->method == DIRTY_MEMFD) {
            dirty_memfd_unwatch(dirty, part.memory, (size_t)(part.end - part.memory));
        }
        at += cut_range(dirty, at, part.memory, part.end);
    }
}

void dirty_expect(Dirty *dirty, const uint8_t *memory, size_t bytes)
{
    const uint8_t *end = memory + bytes;

    for (uint32_t at = range_behind(dirty, memory);
         dirty->method == DIRTY_UFFD && at < dirty->range_count && dirty->ranges[at].memory < end;
         at++) {
        DirtyRange part = part_of(&dirty->ranges[at], memory, end);
        dirty_uffd_expect(dirty, part.memory, (size_t)(part.end - part.memory));
    }
}

// ----------------------------------------------------------------------------------------- looking

static bool compare(const DirtyRange *range, DirtySpans *spans, Fault *fault)
{
    size_t bytes = (size_t)(range->end - range->memory);

    for (size_t at = 0; at < bytes; at += PAGE_BYTES) {
        uintptr_t page = (uintptr_t)(range->memory + at);
        if (memcmp(range->memory + at, range->shadow + at, PAGE_BYTES) != 0
            && !dirty_add_span(spans, page, page + PAGE_BYTES, fault)) {
            return false;
        }
    }
    return true;
}

static bool look_at(Dirty *dirty, const DirtyRange *range, bool clean, DirtySpans *spans,
                    Fault *fault)
{
    switch (dirty->method) {
    case DIRTY_UFFD:
        return dirty_uffd_look(dirty, range, clean, spans, fault);
    case DIRTY_MEMFD:
        return dirty_memfd_look(dirty, range, spans, fault);
    case DIRTY_BEST:
    case DIRTY_MEMCMP:
        break;
    }
    return compare(range, spans, fault);
}

static bool look(Dirty *dirty, bool clean, DirtySpans *spans, Fault *fault)
{
    spans->count = 0;
    for (uint32_t i = 0; i < dirty->range_count; i++) {
        if (!look_at(dirty, &dirty->ranges[i], clean, spans, fault)) {
            return false;
        }
    }
    return true;
}

bool dirty_take(Dirty *dirty, const DirtySpan **spans, size_t *count, Fault *fault)
{
    bool done = look(dirty, true, &dirty->taken, fault);

    *spans = dirty->taken.items;
    *count = done ? dirty->taken.count : 0;
    return done;
}

bool dirty_peek(Dirty *dirty, const DirtySpan **spans, size_t *count, Fault *fault)
{
    bool done = look(dirty, false, &dirty->seen, fault);

    *spans = dirty->seen.items;
    *count = done ? dirty->seen.count : 0;
    return done;
}

bool dirty_settle(Dirty *dirty, Fault *fault)
{
    bool done = true;

    for (size_t i = 0; i < dirty->taken.count && done && dirty->method == DIRTY_MEMFD; i++) {
        done = dirty_memfd_settle(dirty, &dirty->taken.items[i], fault);
    }
    dirty->taken.count = 0;
    return done;
}
