// The memory is a private mapping of a file in memory: a page that is written becomes an anonymous
// copy, and pagemap tells those from pages of the file. Settling writes the copies to the file and
// drops them. A byte lies in the file where it lies in memory, so there is nothing to keep account
// of and neighbours are one mapping; the file is as large as the address space and nearly all hole.
//
// A process that the game forks would see the file change under it where it has not written itself.
//
// Source: Documentation/admin-guide/mm/pagemap.rst; memfd_create(2); fallocate(2).
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "dirty_abi.h"
#include "dirty_parts.h"

#define FILE_BYTES (INT64_C(1) << 47) // all of user space
enum { PAGES_A_READ = 4096 };

bool dirty_memfd_open(Dirty *dirty, Arena *arena, Fault *fault)
{
    struct rlimit limit;

    // Growing a file beyond the limit is a signal that ends the program.
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < FILE_BYTES) {
        return fault_set(fault, FAULT_MEMORY, "the size of files is limited (ulimit -f)");
    }
    dirty->memfd = memfd_create("hotloop-state", MFD_CLOEXEC);
    if (dirty->memfd < 0 || ftruncate(dirty->memfd, FILE_BYTES) != 0) {
        return fault_set(fault, FAULT_MEMORY, "no file in memory: %s", strerror(errno));
    }
    dirty->entries = ARENA_NEW(arena, uint64_t, PAGES_A_READ);
    return dirty_open_pagemap(dirty, fault);
}

static bool write_to_file(const Dirty *dirty, const uint8_t *memory, size_t bytes, Fault *fault)
{
    while (bytes > 0) {
        ssize_t done = pwrite(dirty->memfd, memory, bytes, (off_t)(uintptr_t)memory);
        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return fault_set(fault, FAULT_MEMORY, "the file in memory takes no more: %s",
                             done < 0 ? strerror(errno) : "it gives no reason");
        }
        memory += done;
        bytes -= (size_t)done;
    }
    return true;
}

static void forget_in_file(const Dirty *dirty, const uint8_t *memory, size_t bytes)
{
    // Only memory is lost when it fails: what is watched is written anew.
    (void)fallocate(dirty->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                    (off_t)(uintptr_t)memory, (off_t)bytes);
}

bool dirty_memfd_watch(Dirty *dirty, uint8_t *memory, size_t bytes, Fault *fault)
{
    if (!write_to_file(dirty, memory, bytes, fault)
        || !arena_map_file(memory, bytes, dirty->memfd, (uintptr_t)memory, fault)) {
        forget_in_file(dirty, memory, bytes);
        return false;
    }
    return true;
}

// The contents have to outlive the file.
void dirty_memfd_unwatch(Dirty *dirty, uint8_t *memory, size_t bytes)
{
    if (arena_make_anonymous(memory, bytes, NULL)) {
        forget_in_file(dirty, memory, bytes);
    }
}

// A page that was swapped out is no less anonymous for it.
static bool is_anonymous(uint64_t entry)
{
    return (entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) != 0 && (entry & PAGEMAP_OF_FILE) == 0;
}

static bool read_entries(const Dirty *dirty, uintptr_t page, size_t count, Fault *fault)
{
    uint8_t *to = (uint8_t *)dirty->entries;
    size_t bytes = count * sizeof *dirty->entries, done = 0;

    while (done < bytes) {
        ssize_t got = pread(dirty->pagemap, to + done, bytes - done,
                            (off_t)(page * sizeof *dirty->entries + done));
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return fault_set(fault, FAULT_MEMORY,
                             "the kernel does not say which pages were written: %s",
                             got < 0 ? strerror(errno) : "/proc/self/pagemap ends early");
        }
        done += (size_t)got;
    }
    return true;
}

bool dirty_memfd_look(Dirty *dirty, const DirtyRange *range, DirtySpans *spans, Fault *fault)
{
    uintptr_t end = (uintptr_t)range->end / PAGE_BYTES;

    for (uintptr_t page = (uintptr_t)range->memory / PAGE_BYTES; page < end; page += PAGES_A_READ) {
        size_t count = end - page < PAGES_A_READ ? end - page : PAGES_A_READ;
        if (!read_entries(dirty, page, count, fault)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            uintptr_t at = (page + i) * PAGE_BYTES;
            if (is_anonymous(dirty->entries[i])
                && !dirty_add_span(spans, at, at + PAGE_BYTES, fault)) {
                return false;
            }
        }
    }
    return true;
}

bool dirty_memfd_settle(Dirty *dirty, const DirtySpan *span, Fault *fault)
{
    uint8_t *memory = (uint8_t *)span->first;
    size_t bytes = span->end - span->first;

    if (!write_to_file(dirty, memory, bytes, fault)) {
        return false;
    }
    return arena_advise(memory, bytes, ARENA_DROP)
           || fault_set(fault, FAULT_MEMORY, "pages of the file cannot be mapped again: %s",
                        strerror(errno));
}
