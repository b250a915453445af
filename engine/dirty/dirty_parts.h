// What the files of the module share.
#ifndef DIRTY_PARTS_H
#define DIRTY_PARTS_H
#include "dirty.h"

struct page_region;

// Memory that is watched; neighbours are one range, so that looking is one call of the kernel.
typedef struct DirtyRange {
    uint8_t *memory, *end;
    const uint8_t *shadow; // memcmp only: of `memory`, and of what follows
} DirtyRange;

// Written pages in address order.
typedef struct DirtySpans {
    Arena memory; // holds nothing else
    DirtySpan *items;
    size_t count, capacity;
} DirtySpans;

struct Dirty {
    DirtyMethod method;
    int uffd, pagemap, memfd; // -1: not in use
    DirtyRange *ranges;       // DIRTY_RANGES_MAX, in address order
    uint32_t range_count;
    DirtySpans taken, seen;
    struct page_region *regions; // uffd: what one call of the kernel returns
    uint64_t *entries;           // memfd: the same
};

// The pages [first, end) were written. In address order; merged with the last span where they touch
// or overlap it.
bool dirty_add_span(DirtySpans *spans, uintptr_t first, uintptr_t end, Fault *fault);
bool dirty_open_pagemap(Dirty *dirty, Fault *fault);

// userfaultfd and PAGEMAP_SCAN
bool dirty_uffd_open(Dirty *dirty, Arena *arena, Fault *fault);
bool dirty_uffd_watch(Dirty *dirty, uint8_t *memory, size_t bytes, bool big, Fault *fault);
void dirty_uffd_unwatch(Dirty *dirty, uint8_t *memory, size_t bytes);
bool dirty_uffd_look(Dirty *dirty, const DirtyRange *range, bool clean, DirtySpans *spans,
                     Fault *fault);
void dirty_uffd_expect(Dirty *dirty, uint8_t *memory, size_t bytes);

// a private mapping of a memfd
bool dirty_memfd_open(Dirty *dirty, Arena *arena, Fault *fault);
bool dirty_memfd_watch(Dirty *dirty, uint8_t *memory, size_t bytes, Fault *fault);
void dirty_memfd_unwatch(Dirty *dirty, uint8_t *memory, size_t bytes);
bool dirty_memfd_look(Dirty *dirty, const DirtyRange *range, DirtySpans *spans, Fault *fault);
bool dirty_memfd_settle(Dirty *dirty, const DirtySpan *span, Fault *fault);

// Opens `method` without trying it out.
Dirty *dirty_open_untried(Arena *arena, DirtyMethod method, Fault *fault);
// Whether it sees what the CPU and what the kernel writes, and nothing else.
bool dirty_try(DirtyMethod method, Fault *fault);

#endif
