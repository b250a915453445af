// What came from the memory of another process, which a game may have written over, or from a file,
// is looked at here before it is used: afterwards nothing in it leads out of bounds or round in
// circles. Whether it is right nobody can tell.
#include "timeline_internal.h"

#include <string.h>

static const uint64_t BYTES_MAX = UINT64_C(1) << 40; // of a range, of an edge

static bool refuse(Fault *fault, const char *what)
{
    return fault_set(fault, FAULT_FORMAT,
                     "the history that was kept is damaged (%s) and cannot be used", what);
}

// --------------------------------------------------------------------------- branches and ranges

static bool is_slot(const Timeline *timeline, const Branch *branch)
{
    uintptr_t offset = (uintptr_t)branch - (uintptr_t)timeline->branches;
    return offset % sizeof(Branch) == 0 && offset / sizeof(Branch) <= TIMELINE_BRANCHES_MAX
           && branch->alive;
}

// A parent is older than what forked from it, so there are no circles.
static bool branch_is_sound(const Timeline *timeline, const Branch *branch)
{
    const Branch *parent = branch->parent;
    return (!parent
            || (is_slot(timeline, parent) && parent->id < branch->id
                && branch->start <= parent->last))
           && branch->id < timeline->next_branch && branch->start <= branch->last
           && branch->last < BYTES_MAX && branch->block_first < TABLE_BYTES / sizeof(uint32_t)
           && branch->block_count < TABLE_BYTES / sizeof(uint32_t) - branch->block_first;
}

static bool range_is_sound(const Range *range, uint32_t number)
{
    return range->bytes > 0 && range->bytes % PAGE_BYTES == 0 && range->bytes < BYTES_MAX
           && range->watched % PAGE_BYTES == 0 && range->watched <= range->bytes
           && range->bytes / PAGE_BYTES <= UINT32_MAX - range->first_page
           && (number == 0) == (range->first_page == 0);
}

bool branches_are_sound(const Timeline *timeline, Fault *fault)
{
    uint32_t roots = 0;
    if (!is_slot(timeline, timeline->branch)
        || (timeline->tip && (!is_slot(timeline, timeline->tip) || timeline->tip->block_count == 0))
        || timeline->inputs_bytes > INPUTS_BYTES) {
        return refuse(fault, "the place");
    }
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        if (branch->alive && !branch_is_sound(timeline, branch)) {
            return refuse(fault, "a branch");
        }
        roots += branch->alive && !branch->parent;
    }
    if (roots != 1 || timeline->at > timeline->branch->last || timeline->at < timeline->floor) {
        return refuse(fault, "the place");
    }
    if (timeline->range_count == 0 || timeline->range_count > TIMELINE_RANGES_MAX) {
        return refuse(fault, "the ranges");
    }
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        const Range *range = &timeline->ranges[i];
        if (range->memory && !range_is_sound(range, i)) {
            return refuse(fault, "a range");
        }
    }
    return timeline->ranges[0].memory || refuse(fault, "the state");
}

// ----------------------------------------------------------------------------------------- blocks

static void make_bool(bool *value)
{
    uint8_t byte;
    memcpy(&byte, value, 1);
    *value = byte != 0;
}

void branch_tidy(Branch *branch)
{
    make_bool(&branch->alive);
    make_bool(&branch->closed);
}

void block_tidy(Block *block)
{
    make_bool(&block->has_merged);
    make_bool(&block->has_longest);
    for (uint32_t g = 0; g < FAN; g++) {
        make_bool(&block->groups[g].has_whole);
        make_bool(&block->groups[g].has_merged);
    }
    block->jobs = block->packed = 0;
}

typedef struct Bounds {
    uint32_t unit_count;
} Bounds;

static bool lies_within(void *with, uint32_t unit, uint64_t bytes)
{
    const Bounds *bounds = with;
    return unit < bounds->unit_count && bytes <= (uint64_t)(bounds->unit_count - unit) * PAGE_BYTES;
}

static bool edge_fits(const Edge *edge)
{
    return edge->bytes < BYTES_MAX && edge->packed <= edge->bytes;
}

bool block_is_sound(const Block *block, uint32_t unit_count)
{
    Bounds bounds = {unit_count};
    bool ok = block->count >= 1 && block->count <= BLOCK && block->level <= 3
              && block->first < BYTES_MAX && block->inputs_bytes <= INPUTS_BYTES
              && block->first / BLOCK == (block->first + block->count - 1) / BLOCK
              && edge_fits(&block->merged) && edge_fits(&block->longest);
    for (uint32_t g = 0; g < FAN && ok; g++) {
        ok = edge_fits(&block->groups[g].whole) && edge_fits(&block->groups[g].merged);
        for (uint32_t i = 0; i < FAN && ok; i++) {
            ok = block->groups[g].raw_bytes[i] < BYTES_MAX;
        }
    }
    return ok && block_units(block, lies_within, &bounds);
}

bool blocks_are_in_order(const Timeline *timeline, Fault *fault)
{
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        uint64_t last = branch->start;
        for (uint32_t k = 0; branch->alive && k < branch->block_count; k++) {
            const Block *block = block_at(timeline, branch, k);
            if (block->first < last || block->first + block->count > branch->last) {
                return refuse(fault, "the order of its blocks");
            }
            last = block->first + block->count;
        }
    }
    return true;
}

// ------------------------------------------------------------------------------------------ edges

// The bytes of the delta at `delta`, of which `room` are there; 0 when it goes further.
static uint64_t delta_fits(const uint8_t *delta, uint64_t room)
{
    uint64_t lines, bytes, used = sizeof(lines);
    if (room < used) {
        return 0;
    }
    for (memcpy(&lines, delta, sizeof(lines)); lines; lines &= lines - 1) {
        if (room - used < sizeof(bytes)) {
            return 0;
        }
        memcpy(&bytes, delta + used, sizeof(bytes));
        used += sizeof(bytes);
        uint64_t count = (uint64_t)__builtin_popcountll(bytes);
        if (room - used < count) {
            return 0;
        }
        used += count;
    }
    return used;
}

bool edge_is_sound(const uint8_t *edge, uint64_t bytes)
{
    EdgeHead head;
    if (bytes < sizeof(head)) {
        return false;
    }
    memcpy(&head, edge, sizeof(head));
    uint64_t at = sizeof(head) + ((uint64_t)head.pages * sizeof(uint32_t) + 7) / 8 * 8;
    if (head.bytes != bytes || at > bytes) {
        return false;
    }
    for (uint32_t i = 0; i < head.pages; i++) {
        uint64_t n = delta_fits(edge + at, bytes - at);
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}
