// What a timeline does so that another process can follow it: the index that it lies in, the count
// of its changes, and the contents that its ranges began with.
#include "timeline_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Contents: the index, changes, contents of ranges.

// -------------------------------------------------------------------------------------- the index

Timeline *keep_open(Fault *fault)
{
    Arena keep;
    int index, initials = memfd_create("hotloop-initials", MFD_CLOEXEC);
    if (initials < 0) {
        (void)fault_set(fault, FAULT_MEMORY, "no memory file for the ranges' contents: %s",
                        strerror(errno));
        return NULL;
    }
    if (!arena_open_shared(&keep, "hotloop-index", INDEX_BYTES, &index, fault)) {
        close(initials);
        return NULL;
    }
    Timeline *timeline = ARENA_NEW(&keep, Timeline, 1);
    timeline->keep = keep;
    timeline->is_kept = true;
    timeline->index_fd = index;
    timeline->initials_fd = initials;
    timeline->share.self = (uintptr_t)timeline;
    timeline->share.timeline_bytes = sizeof(Timeline);
    atomic_store(&timeline->share.sequence, 2);
    timeline->share.magic = SHARE_MAGIC;
    return timeline;
}

void keep_close(Timeline *timeline)
{
    if (timeline->is_kept) {
        close(timeline->index_fd);
        close(timeline->initials_fd);
    }
    Arena keep = timeline->keep;
    arena_close(&keep);
}

TimelineHandles timeline_handles(const Timeline *timeline)
{
    return timeline->is_kept
               ? (TimelineHandles){timeline->store.fd, timeline->index_fd, timeline->initials_fd}
               : (TimelineHandles){-1, -1, -1};
}

void *timeline_extra(Timeline *timeline)
{
    return timeline->is_kept ? timeline->keep.base + INDEX_EXTRA : NULL;
}

// ---------------------------------------------------------------------------------------- changes

// The exchange is a full barrier: what the mirror said before it looked at the count is seen. Odd
// and even stay what they are whatever a game has written over the count.
void change_begin(Timeline *timeline)
{
    if (timeline->is_kept && timeline->changing++ == 0) {
        uint64_t now = atomic_load_explicit(&timeline->share.sequence, memory_order_relaxed);
        (void)atomic_exchange(&timeline->share.sequence, (now + 1) | 1);
    }
}

void change_end(Timeline *timeline)
{
    if (timeline->is_kept) {
        assert(timeline->changing > 0);
        if (--timeline->changing == 0) {
            uint64_t now = atomic_load_explicit(&timeline->share.sequence, memory_order_relaxed);
            atomic_store_explicit(&timeline->share.sequence, (now + 2) & ~UINT64_C(1),
                                  memory_order_release);
        }
    }
}

void timeline_change_begin(Timeline *timeline)
{
    change_begin(timeline);
    timeline->share.extra_stamp =
        atomic_load_explicit(&timeline->share.sequence, memory_order_relaxed);
}

void timeline_change_end(Timeline *timeline)
{
    change_end(timeline);
    if (timeline->changing == 0) {
        base_serve(timeline);
    }
}

// ----------------------------------------------------------------------------- contents of ranges

bool is_zero_page(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
}

static bool write_at(int fd, const uint8_t *data, size_t bytes, uint64_t at)
{
    while (bytes > 0) {
        ssize_t n = pwrite(fd, data, bytes, (off_t)at);
        if (n <= 0 && errno != EINTR) {
            return false;
        }
        size_t wrote = n > 0 ? (size_t)n : 0;
        data += wrote;
        at += wrote;
        bytes -= wrote;
    }
    return true;
}

// Zero pages stay holes in the file.
static bool write_pages(int fd, const uint8_t *memory, size_t bytes, uint64_t at)
{
    for (size_t first = 0; first < bytes;) {
        size_t end = first;
        while (end < bytes && !is_zero_page(memory + end)) {
            end += PAGE_BYTES;
        }
        if (end > first && !write_at(fd, memory + first, end - first, at + first)) {
            return false;
        }
        first = end + PAGE_BYTES;
    }
    return ftruncate(fd, (off_t)(at + bytes)) == 0;
}

bool initial_write(Timeline *timeline, Range *range, Fault *fault)
{
    if (!timeline->is_kept) {
        return true;
    }
    initial_drop(timeline, range);
    uint64_t at = timeline->initials_end;
    if (!write_pages(timeline->initials_fd, range->shadow, range->watched, at)) {
        return fault_set(fault, FAULT_MEMORY, "no shared memory for %zu KiB of contents: %s",
                         range->watched >> 10, strerror(errno));
    }
    timeline->initials_end = at + range->watched;
    range->initial_at = at;
    range->initial_bytes = range->watched;
    return true;
}

void initial_drop(Timeline *timeline, Range *range)
{
    if (timeline->is_kept && range->initial_bytes > 0) {
        atomic_fetch_add(&timeline->share.punched, 1);
        (void)fallocate(timeline->initials_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)range->initial_at, (off_t)range->initial_bytes);
        range->initial_bytes = 0;
    }
}

bool base_write(Timeline *timeline, Fault *fault)
{
    if (!timeline->is_kept) {
        return true;
    }
    uint32_t index;
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        Range *range = &timeline->ranges[i];
        if (range->memory && !initial_write(timeline, range, fault)) {
            return false;
        }
    }
    const Block *block =
        block_of(timeline, branch_owner(timeline->branch, timeline->at), timeline->at, &index);
    timeline->base = (Base){
        .serial = timeline->base.serial + 1, .at = timeline->at, .born = block ? block->born : 0};
    return true;
}

void base_serve(Timeline *timeline)
{
    if (timeline->base.serial > 0
        && atomic_load_explicit(&timeline->share.wants_base, memory_order_relaxed)) {
        change_begin(timeline);
        atomic_store(&timeline->share.wants_base, 0);
        (void)base_write(timeline, NULL); // without memory for it the mirror asks again
        change_end(timeline);
    }
}
