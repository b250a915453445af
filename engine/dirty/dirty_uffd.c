// Write protection that the kernel takes off by itself at the first write to a page (WP_ASYNC) and
// that PAGEMAP_SCAN puts back while it reports where it was missing: one call to look at all.
// Source: Documentation/admin-guide/mm/userfaultfd.rst, "Write Protect Notifications", and
// pagemap.rst, "Pagemap Scan IOCTL", of Linux 6.7.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dirty_abi.h"
#include "dirty_parts.h"

enum { REGIONS_A_CALL = 4096 };

static bool refuse_uffd(Fault *fault, int error)
{
    if (error == ENOSYS) {
        return fault_set(fault, FAULT_MEMORY, "this kernel has no userfaultfd");
    }
    if (error == EPERM) {
        return fault_set(fault, FAULT_MEMORY,
                         "userfaultfd is not permitted here (a container's seccomp profile?)");
    }
    if (error == EINVAL) { // UFFD_USER_MODE_ONLY came with 5.11, asynchronous protection with 6.7
        return fault_set(fault, FAULT_MEMORY, "needs Linux 6.7");
    }
    return fault_set(fault, FAULT_MEMORY, "userfaultfd: %s", strerror(error));
}

bool dirty_uffd_open(Dirty *dirty, Arena *arena, Fault *fault)
{
    // Pages that were never touched are protected as well (WP_UNPOPULATED), or reading one for the
    // first time would look like a write.
    struct uffdio_api api = {.api = UFFD_API,
                             .features = UFFD_FEATURE_WP_ASYNC | UFFD_FEATURE_WP_UNPOPULATED};

    dirty->uffd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    if (dirty->uffd < 0) {
        return refuse_uffd(fault, errno);
    }
    if (ioctl(dirty->uffd, UFFDIO_API, &api) != 0) {
        return refuse_uffd(fault, errno);
    }
    dirty->regions = ARENA_NEW(arena, struct page_region, REGIONS_A_CALL);
    return dirty_open_pagemap(dirty, fault);
}

// One call: reports what was written in [at, end), protects it again if `clean` says so, and moves
// `at` to where it stopped because `regions` was full. Returns the number of regions, -1 on
// failure.
static long scan(const Dirty *dirty, uintptr_t *at, uintptr_t end, bool clean)
{
    struct pm_scan_arg arg = {
        .size = sizeof arg,
        .flags = clean ? PM_SCAN_WP_MATCHING | PM_SCAN_CHECK_WPASYNC : PM_SCAN_CHECK_WPASYNC,
        .start = *at,
        .end = end,
        .vec = (uintptr_t)dirty->regions,
        .vec_len = REGIONS_A_CALL,
        .category_mask = PAGE_IS_WRITTEN,
        .return_mask = PAGE_IS_WRITTEN,
    };
    long count = ioctl(dirty->pagemap, PAGEMAP_SCAN, &arg);
    uintptr_t stopped = arg.walk_end;

    // Linux 6.18 says that it stopped some 2 MiB before the last region when the list got full just
    // at the end of a step of its own; a look that does not protect would see them twice.
    if (count > 0 && dirty->regions[count - 1].end > stopped) {
        stopped = dirty->regions[count - 1].end;
    }
    if (count >= 0 && stopped <= *at) {
        errno = EIO; // it would never end
        return -1;
    }
    *at = stopped;
    return count;
}

static bool refuse_scan(Fault *fault, int error)
{
    if (error == ENOTTY) {
        return fault_set(fault, FAULT_MEMORY, "needs Linux 6.7");
    }
    return fault_set(fault, FAULT_MEMORY, "the kernel does not say which pages were written: %s",
                     strerror(error));
}

bool dirty_uffd_look(Dirty *dirty, const DirtyRange *range, bool clean, DirtySpans *spans,
                     Fault *fault)
{
    uintptr_t at = (uintptr_t)range->memory, end = (uintptr_t)range->end;

    while (at < end) {
        long count = scan(dirty, &at, end, clean);
        if (count < 0) {
            return refuse_scan(fault, errno);
        }
        for (long i = 0; i < count; i++) {
            const struct page_region *region = &dirty->regions[i];
            if (!dirty_add_span(spans, region->start, region->end, fault)) {
                return false;
            }
        }
    }
    return true;
}

static bool protect(const Dirty *dirty, const uint8_t *memory, size_t bytes, bool on)
{
    struct uffdio_writeprotect arg = {
        .range = {(uintptr_t)memory, bytes},
        .mode = on ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
    };

    return ioctl(dirty->uffd, UFFDIO_WRITEPROTECT, &arg) == 0;
}

// Big memory is not protected where it was never touched: that would give it small pages for good.
// There the first touch counts as a write, even when it only reads.
static bool make_clean(const Dirty *dirty, const uint8_t *memory, size_t bytes, bool big)
{
    uintptr_t at = (uintptr_t)memory, end = at + bytes;

    if (!big) {
        return protect(dirty, memory, bytes, true);
    }
    while (at < end) {
        if (scan(dirty, &at, end, true) < 0) {
            return false;
        }
    }
    return true;
}

bool dirty_uffd_watch(Dirty *dirty, uint8_t *memory, size_t bytes, bool big, Fault *fault)
{
    struct uffdio_register arg = {
        .range = {(uintptr_t)memory, bytes},
        .mode = UFFDIO_REGISTER_MODE_WP,
    };

    // Without this advice the first write to 2 MiB would be a write to all of them. A kernel that
    // does not take it has no huge pages.
    (void)arena_advise(memory, bytes, big ? ARENA_HUGE_PAGES : ARENA_SMALL_PAGES);
    if (ioctl(dirty->uffd, UFFDIO_REGISTER, &arg) != 0) {
        return fault_set(fault, FAULT_MEMORY, "memory at %#zx cannot be watched: %s",
                         (size_t)(uintptr_t)memory, strerror(errno));
    }
    if (!make_clean(dirty, memory, bytes, big)) {
        refuse_scan(fault, errno);
        dirty_uffd_unwatch(dirty, memory, bytes);
        return false;
    }
    return true;
}

void dirty_uffd_unwatch(Dirty *dirty, uint8_t *memory, size_t bytes)
{
    struct uffdio_range range = {(uintptr_t)memory, bytes};

    // Memory that is gone already is not watched either.
    (void)ioctl(dirty->uffd, UFFDIO_UNREGISTER, &range);
}

// Without protection there is nothing to take off at each page's first write. When it fails,
// writing is slower and nothing else.
void dirty_uffd_expect(Dirty *dirty, uint8_t *memory, size_t bytes)
{
    (void)protect(dirty, memory, bytes, false);
}
