#include "gamelib_place.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// The loader cannot be told where to put a library. It asks the kernel for room, anywhere, and the
// kernel gives the highest room that is large enough. So we take all higher room that is, leave the
// room at the wanted address to be the highest, load, and give back what we took. Sources: Linux,
// mm/vma.c, vm_unmapped_area; glibc, elf/dl-map-segments.h.
//
// That does for most. But the kernel starts below a random address, and looks further up (from the
// bottom, then) only when there is no room below it: then all other room has to be taken. So it has
// in a process without a limit to its stack, which is filled from below. And for files of 2 MiB and
// more some file systems make the kernel look for 2 MiB more than asked for, and take an aligned
// part of it (mm/huge_memory.c, thp_get_unmapped_area); the loader does the same for segments that
// ask for an alignment. Then the room has to reach further up. Each of these is a way to try.
#define FILLERS_MAX     256
#define GAPS_MAX        512
#define HUGE_PAGE_BYTES ((uintptr_t)2 << 20)
#define USER_END        ((uintptr_t)0x7ffffffff000)
// Left beside what grows: the main thread's stack, downwards, and malloc's heap, upwards. Where no
// other room may be left, the stack is made to have grown by this before.
#define STACK_ROOM  ((uintptr_t)8 << 20)
#define HEAP_ROOM   ((uintptr_t)64 << 20)
#define STACK_BYTES (512u << 10)

typedef struct Gap {
    uintptr_t first, end;
} Gap;

typedef struct Placing {
    uintptr_t at, end; // of the image
    uintptr_t align;
    // All on the stack: what we would map now might come to lie at `at`.
    Gap gaps[GAPS_MAX]; // the room that is large enough, by address
    size_t gap_count;
    Arena fillers[FILLERS_MAX];
    size_t filler_count;
} Placing;

// ------------------------------------------------------------------------------------- the gaps

static void add_gap(Placing *placing, uintptr_t first, uintptr_t end)
{
    bool fits = first < end && end - first >= placing->end - placing->at;

    if (fits && placing->gap_count < GAPS_MAX) {
        placing->gaps[placing->gap_count++] = (Gap){first, end};
    }
}

// Nothing is ever mapped below this.
static uintptr_t lowest_address(void)
{
    FILE *file = fopen("/proc/sys/vm/mmap_min_addr", "re");
    unsigned long lowest = 0;

    if (file && fscanf(file, "%lu", &lowest) != 1) {
        lowest = 0;
    }
    if (file) {
        fclose(file);
    }
    return lowest > PAGE_BYTES ? lowest & ~(unsigned long)(PAGE_BYTES - 1) : PAGE_BYTES;
}

// What is free of the whole address space, but for at most `room` beside stack and heap.
static bool read_gaps(Placing *placing, uintptr_t room)
{
    const uintptr_t stack_room = room < STACK_ROOM ? room : STACK_ROOM;
    const uintptr_t heap_room = room < HEAP_ROOM ? room : HEAP_ROOM;
    FILE *maps = fopen("/proc/self/maps", "re");
    char line[512];
    uintptr_t free_from = lowest_address();
    bool at_line_start = true;

    placing->gap_count = 0;
    if (!maps) {
        return false;
    }
    while (fgets(line, sizeof line, maps)) {
        unsigned long first, end;
        bool begins = at_line_start;
        at_line_start = strchr(line, '\n') != NULL; // a path may be longer than `line`
        if (!begins || sscanf(line, "%lx-%lx", &first, &end) != 2 || first >= USER_END) {
            continue;
        }
        bool is_stack = strstr(line, "[stack]") != NULL;
        add_gap(placing, free_from, is_stack ? first - stack_room : first);
        free_from = end + (strstr(line, "[heap]") ? heap_room : 0);
    }
    add_gap(placing, free_from, USER_END);
    fclose(maps);
    return placing->gap_count > 0;
}

static const Gap *gap_around(const Placing *placing)
{
    for (size_t i = 0; i < placing->gap_count; i++) {
        if (placing->gaps[i].first <= placing->at && placing->gaps[i].end >= placing->end) {
            return &placing->gaps[i];
        }
    }
    return NULL;
}

// ---------------------------------------------------------------------------------- the fillers

static void remove_fillers(Placing *placing)
{
    while (placing->filler_count > 0) {
        arena_close(&placing->fillers[--placing->filler_count]);
    }
}

static bool fill(Placing *placing, uintptr_t first, uintptr_t end)
{
    Fault fault;

    if (first >= end) {
        return true;
    }
    return placing->filler_count < FILLERS_MAX
           && arena_open(&placing->fillers[placing->filler_count], first, end - first, &fault)
           && ++placing->filler_count > 0;
}

// Takes all room outside of [free_first, free_end).
static bool fill_around(Placing *placing, uintptr_t free_first, uintptr_t free_end)
{
    for (size_t i = 0; i < placing->gap_count; i++) {
        Gap gap = placing->gaps[i];
        uintptr_t below_end = gap.end < free_first ? gap.end : free_first;
        uintptr_t above_first = gap.first > free_end ? gap.first : free_end;
        if (!fill(placing, gap.first, below_end) || !fill(placing, above_first, gap.end)) {
            remove_fillers(placing);
            return false;
        }
    }
    return true;
}

// -------------------------------------------------------------------------------------- loading

// Where the pages of the unmoved image begin and end, and how they want to be aligned.
static void span_of(const GameElf *elf, uintptr_t *first, uintptr_t *end, uintptr_t *align)
{
    Elf64_Phdr segment;
    const uintptr_t in_page = PAGE_BYTES - 1;

    *first = UINTPTR_MAX;
    *end = 0;
    *align = PAGE_BYTES;
    for (uint32_t i = 0; gamelib_elf_segment(elf, i, &segment); i++) {
        if (segment.p_type != PT_LOAD) {
            continue;
        }
        uintptr_t from = segment.p_vaddr & ~in_page;
        uintptr_t to = (segment.p_vaddr + segment.p_memsz + in_page) & ~in_page;
        *first = from < *first ? from : *first;
        *end = to > *end ? to : *end;
        *align = segment.p_align > *align ? segment.p_align : *align;
    }
}

static bool is_placed(void *handle, uintptr_t bias)
{
    struct link_map *map = NULL;

    return dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map && map->l_addr == bias;
}

// A way to leave room: how much above the image, and whether none else is left at all.
typedef struct Way {
    uintptr_t more_bytes;
    bool closed;
} Way;

// The stack stays as large as it once was.
static __attribute__((noinline)) void grow_stack(void)
{
    volatile uint8_t room[STACK_BYTES];

    for (size_t at = 0; at < sizeof room; at += PAGE_BYTES) {
        room[sizeof room - 1 - at] = 0;
    }
}

static bool leave_room(Placing *placing, const Way *way, const char **why)
{
    const uintptr_t too_small = placing->end - placing->at - PAGE_BYTES;
    const Gap *gap = NULL;

    if (way->closed) {
        grow_stack();
    }
    if (read_gaps(placing, way->closed ? too_small : HEAP_ROOM)) {
        gap = gap_around(placing);
    }
    if (!gap) {
        *why = "something else is there";
        return false;
    }
    uintptr_t free_end = placing->end + way->more_bytes;
    uintptr_t free_first = way->closed ? placing->at - (placing->align - PAGE_BYTES) : 0;
    if (!fill_around(placing, free_first, free_end < gap->end ? free_end : gap->end)) {
        *why = "the room around it cannot be reserved";
        return false;
    }
    return true;
}

// NULL with *why: no other way will do. NULL without: it went elsewhere, or (*refused) the loader
// refuses it; dlerror tells.
static void *try_way(Placing *placing, const char *copy, int flags, uintptr_t bias, const Way *way,
                     bool *refused, const char **why)
{
    *why = NULL;
    if (!leave_room(placing, way, why)) {
        return NULL;
    }
    void *handle = dlopen(copy, flags);
    remove_fillers(placing);
    *refused = !handle;
    if (!handle || is_placed(handle, bias)) {
        return handle;
    }
    dlclose(handle);
    handle = dlopen(copy, RTLD_LAZY | RTLD_NOLOAD);
    if (handle) {
        dlclose(handle);
        *why = "it went elsewhere and cannot be unloaded";
    }
    return NULL;
}

static void *try_ways(Placing *placing, const char *copy, int flags, uintptr_t bias,
                      const char **why)
{
    const uintptr_t aligned = placing->align - PAGE_BYTES;
    const Way ways[] = {
        {aligned, false}, {HUGE_PAGE_BYTES - PAGE_BYTES, false}, {aligned, true}, {0, true}};

    for (size_t i = 0; i < COUNT_OF(ways); i++) {
        bool refused = false;
        void *handle = try_way(placing, copy, flags, bias, &ways[i], &refused, why);
        if (handle || *why) {
            return handle;
        }
        if (refused && !ways[i].closed) { // without any other room that may be for want of room
            return NULL;
        }
    }
    *why = "the system does not put it there";
    return NULL;
}

void *gamelib_place_open(const char *copy, int flags, const GameElf *elf, uintptr_t at,
                         const char **why)
{
    Placing placing = {.at = at};
    uintptr_t first, end;

    span_of(elf, &first, &end, &placing.align);
    if (first >= end || at % PAGE_BYTES != 0 || (at - first) % placing.align != 0
        || at < placing.align || at > USER_END || end - first > USER_END - at) {
        *why = "no library fits there";
        return NULL;
    }
    placing.end = at + (end - first);
    return try_ways(&placing, copy, flags, at - first, why);
}

bool gamelib_place_hold(Arena *held, const char *path, uintptr_t at)
{
    uint8_t bytes[PAGE_BYTES];
    GameElf elf = {.bytes = bytes};
    uintptr_t first, end, align;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? pread(fd, bytes, sizeof bytes, 0) : -1;

    *held = (Arena){0};
    if (fd >= 0) {
        close(fd);
    }
    if (got < (ssize_t)sizeof elf.head) {
        return false;
    }
    elf.size_bytes = (size_t)got;
    memcpy(&elf.head, bytes, sizeof elf.head);
    span_of(&elf, &first, &end, &align);
    return first < end && at % PAGE_BYTES == 0 && end - first < USER_END
           && arena_open(held, at, end - first, NULL);
}
