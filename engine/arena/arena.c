#include "arena.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Contents: arenas, of a memory file, memory that is there already.

static size_t round_up(size_t value, size_t step)
{
    return (value + step - 1) / step * step;
}

bool arena_open(Arena *arena, uintptr_t address, size_t reserve_bytes, Fault *fault)
{
    *arena = (Arena){0};
    if (reserve_bytes == 0 || reserve_bytes > SIZE_MAX - PAGE_BYTES || address % PAGE_BYTES != 0) {
        return fault_set(fault, FAULT_MEMORY, "cannot reserve %zu bytes at %#zx", reserve_bytes,
                         (size_t)address);
    }
    size_t size_bytes = round_up(reserve_bytes, PAGE_BYTES);
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    if (address != 0) {
        flags |= MAP_FIXED_NOREPLACE;
    }
    void *base = mmap((void *)address, size_bytes, PROT_NONE, flags, -1, 0);
    if (base == MAP_FAILED) {
        return fault_set(fault, FAULT_MEMORY, "cannot reserve %zu MiB of address space%s: %s",
                         size_bytes >> 20, address ? " for the game's state" : "", strerror(errno));
    }
    // Kernels before 4.17 take MAP_FIXED_NOREPLACE as a hint only.
    if (address != 0 && (uintptr_t)base != address) {
        munmap(base, size_bytes);
        return fault_set(fault, FAULT_MEMORY,
                         "address %#zx for the game's state is taken by something else",
                         (size_t)address);
    }
    *arena = (Arena){.base = base, .reserve_bytes = size_bytes};
    return true;
}

bool arena_open_stack(Arena *arena, size_t stack_bytes, size_t gap_bytes, uint8_t **first,
                      Fault *fault)
{
    const size_t HUGE_BYTES = (size_t)2 << 20;
    size_t all_bytes = 2 * gap_bytes + stack_bytes + HUGE_BYTES;
    if (!arena_open(arena, 0, all_bytes, fault)) {
        return false;
    }
    uintptr_t behind_gap = (uintptr_t)arena->base + gap_bytes;
    *first = (uint8_t *)round_up(behind_gap, HUGE_BYTES);
    if (mprotect(*first, stack_bytes, PROT_READ | PROT_WRITE) != 0) {
        arena_close(arena);
        return fault_set(fault, FAULT_MEMORY, "no memory for a stack of %zu KiB",
                         stack_bytes >> 10);
    }
    arena->used_bytes = arena->ready_bytes = all_bytes; // there is nothing left to push
    return true;
}

void arena_close(Arena *arena)
{
    if (arena->base) {
        munmap(arena->base, arena->reserve_bytes);
    }
    *arena = (Arena){0};
}

// Makes [0, end_bytes) readable and writable, in steps that grow so that filling stays linear.
static bool make_ready(Arena *arena, size_t end_bytes)
{
    if (end_bytes <= arena->ready_bytes) {
        return true;
    }
    size_t wanted = arena->ready_bytes + arena->ready_bytes / 2;
    wanted = round_up(wanted > end_bytes ? wanted : end_bytes, 16 * PAGE_BYTES);
    wanted = wanted < arena->reserve_bytes ? wanted : arena->reserve_bytes;
    if (mprotect(arena->base, wanted, PROT_READ | PROT_WRITE) != 0) {
        return false;
    }
    arena->ready_bytes = wanted;
    return true;
}

void *arena_try_push(Arena *arena, size_t size_bytes, size_t align, size_t count)
{
    assert(align > 0 && (align & (align - 1)) == 0);
    size_t bytes, end;
    size_t start = (arena->used_bytes + align - 1) & ~(align - 1);
    if (__builtin_mul_overflow(size_bytes, count, &bytes)
        || __builtin_add_overflow(start, bytes, &end) || end > arena->reserve_bytes
        || !make_ready(arena, end)) {
        return NULL;
    }
    // Fresh pages are zero already, and touching them would cost their memory.
    if (start < arena->touched_bytes) {
        memset(arena->base + start, 0,
               (end < arena->touched_bytes ? end : arena->touched_bytes) - start);
    }
    arena->used_bytes = end;
    arena->touched_bytes = end > arena->touched_bytes ? end : arena->touched_bytes;
    return arena->base + start;
}

// A limit of the process (ulimit -d), or of the machine.
_Noreturn static void end_without_memory(size_t size_bytes, size_t count)
{
    fprintf(stderr,
            "hotloop: out of memory: the system gives no room for %zu x %zu bytes more (%s); "
            "`ulimit -a` shows the limits of this shell\n",
            count, size_bytes, strerror(errno));
    _exit(EXIT_BUG);
}

void *arena_push(Arena *arena, size_t size_bytes, size_t align, size_t count)
{
    void *room = arena_try_push(arena, size_bytes, align, count);
    if (!room && count > 0 && size_bytes <= arena->reserve_bytes / count
        && size_bytes * count + align <= arena->reserve_bytes - arena->used_bytes) {
        end_without_memory(size_bytes, count);
    }
    if (!room) {
        fprintf(stderr,
                "hotloop: bug: an arena of %zu bytes has %zu in use and no room for %zu x %zu\n",
                arena->reserve_bytes, arena->used_bytes, count, size_bytes);
        abort();
    }
    return room;
}

char *arena_format(Arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = ARENA_NEW(arena, char, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_copy_text(Arena *arena, const char *text)
{
    size_t size_bytes = strlen(text) + 1;
    char *copy = ARENA_NEW(arena, char, size_bytes);
    memcpy(copy, text, size_bytes);
    return copy;
}

void arena_reset(Arena *arena, size_t used_bytes)
{
    assert(used_bytes <= arena->used_bytes);
    arena->used_bytes = used_bytes;
}

void arena_release(Arena *arena)
{
    if (arena->base && (arena->is_shared ? arena->touched_bytes : arena->ready_bytes) > 0) {
        size_t bytes =
            arena->is_shared ? round_up(arena->touched_bytes, PAGE_BYTES) : arena->ready_bytes;
        madvise(arena->base, bytes, arena->is_shared ? MADV_REMOVE : MADV_DONTNEED);
    }
    arena->used_bytes = 0;
    arena->touched_bytes = 0;
}

// ------------------------------------------------------------------------------- of a memory file

bool arena_open_shared(Arena *arena, const char *name, size_t reserve_bytes, int *fd, Fault *fault)
{
    *arena = (Arena){0};
    size_t size_bytes = round_up(reserve_bytes, PAGE_BYTES);
    *fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    // Whoever maps it can rely on its size: a file cut short would kill with SIGBUS.
    if (*fd >= 0 && ftruncate(*fd, (off_t)size_bytes) == 0
        && fcntl(*fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0
        && arena_open_file(arena, *fd, true, fault)) {
        return true;
    }
    fault_set(fault, FAULT_MEMORY, "no shared memory of %zu MiB for %s: %s", size_bytes >> 20, name,
              strerror(errno));
    if (*fd >= 0) {
        close(*fd);
    }
    *fd = -1;
    return false;
}

bool arena_open_file(Arena *arena, int fd, bool writable, Fault *fault)
{
    struct stat about;
    *arena = (Arena){0};
    if (fstat(fd, &about) != 0 || about.st_size <= 0) {
        return fault_set(fault, FAULT_MEMORY, "a memory file cannot be mapped: %s",
                         about.st_size == 0 ? "it is empty" : strerror(errno));
    }
    size_t bytes = (size_t)about.st_size;
    void *base = mmap(NULL, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ,
                      MAP_SHARED | MAP_NORESERVE, fd, 0);
    if (base == MAP_FAILED) {
        return fault_set(fault, FAULT_MEMORY, "a memory file of %zu MiB cannot be mapped: %s",
                         bytes >> 20, strerror(errno));
    }
    *arena = (Arena){.base = base, .ready_bytes = bytes, .reserve_bytes = bytes, .is_shared = true};
    return true;
}

// -------------------------------------------------------------------- memory that is there already

static bool is_whole_pages(const void *memory, size_t size_bytes)
{
    return (uintptr_t)memory % PAGE_BYTES == 0 && size_bytes > 0 && size_bytes % PAGE_BYTES == 0;
}

// Each byte is equal to the one before it, and the first is zero.
static bool is_zero_page(const uint8_t *page)
{
    return page[0] == 0 && memcmp(page, page + 1, PAGE_BYTES - 1) == 0;
}

static bool refuse_change(Fault *fault, const void *memory, size_t size_bytes)
{
    return fault_set(fault, FAULT_MEMORY,
                     "the memory mapping of %zu KiB at %#zx stays as it is: %s", size_bytes >> 10,
                     (size_t)(uintptr_t)memory, strerror(errno));
}

// A copy is made elsewhere and moved over the old mapping: there is no moment without contents.
bool arena_make_anonymous(void *memory, size_t size_bytes, Fault *fault)
{
    assert(is_whole_pages(memory, size_bytes));
    const uint8_t *from = memory;
    uint8_t *copy = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (copy == MAP_FAILED) {
        return refuse_change(fault, memory, size_bytes);
    }
    for (size_t at = 0; at < size_bytes; at += PAGE_BYTES) {
        if (!is_zero_page(from + at)) {
            memcpy(copy + at, from + at, PAGE_BYTES);
        }
    }
    if (mremap(copy, size_bytes, size_bytes, MREMAP_MAYMOVE | MREMAP_FIXED, memory) != memory) {
        refuse_change(fault, memory, size_bytes);
        munmap(copy, size_bytes);
        return false;
    }
    return true;
}

bool arena_map_file(void *memory, size_t size_bytes, int fd, uint64_t offset, Fault *fault)
{
    assert(is_whole_pages(memory, size_bytes) && offset % PAGE_BYTES == 0);
    void *mapped = mmap(memory, size_bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, (off_t)offset);
    return mapped != MAP_FAILED || refuse_change(fault, memory, size_bytes);
}

bool arena_set_writable(void *memory, size_t size_bytes, bool writable, Fault *fault)
{
    assert(is_whole_pages(memory, size_bytes));
    int access = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    return mprotect(memory, size_bytes, access) == 0 || refuse_change(fault, memory, size_bytes);
}

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23 // Linux 5.14
#endif

bool arena_advise(void *memory, size_t size_bytes, ArenaAdvice advice)
{
    static const int advices[] = {
        [ARENA_SMALL_PAGES] = MADV_NOHUGEPAGE, [ARENA_HUGE_PAGES] = MADV_HUGEPAGE,
        [ARENA_FILL] = MADV_POPULATE_WRITE,    [ARENA_DROP] = MADV_DONTNEED,
        [ARENA_DROP_SHARED] = MADV_REMOVE, // a hole in the file
    };
    assert(is_whole_pages(memory, size_bytes));
    return madvise(memory, size_bytes, advices[advice]) == 0;
}
