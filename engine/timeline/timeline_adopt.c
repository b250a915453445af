// Going on with a timeline of a process that is gone: its small part comes from the file that was
// written for it, the bytes of its edges are where they were. Nothing in the store is touched
// before all of the file has been looked at.
#include "timeline_internal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// Contents: reading the file, the small part, the store, the ranges.

typedef struct AdoptedRange {
    KeepRange kept;
    const uint8_t *runs;
    bool is_done;
} AdoptedRange;

typedef struct Adopting {
    Arena own, file;
    Arena blocks; // their copies, each at its unit's place
    uint64_t at;  // read up to here
    bool failed;
    uint32_t range_count;
    AdoptedRange ranges[TIMELINE_RANGES_MAX];
} Adopting;

// -------------------------------------------------------------------------------- reading the file

static bool refuse(Fault *fault, const char *why)
{
    return fault_set(fault, FAULT_FORMAT, "the history that was kept cannot be gone on with: %s",
                     why);
}

// The next part; NULL when it does not lie within the file.
static const void *get(Adopting *adopting, uint64_t bytes)
{
    uint64_t size = adopting->file.reserve_bytes;
    if (adopting->failed || adopting->at > size || bytes > size - adopting->at) {
        adopting->failed = true;
        return NULL;
    }
    const uint8_t *part = adopting->file.base + adopting->at;
    adopting->at = (adopting->at + bytes + 7) / 8 * 8;
    return part;
}

// Runs of pages of something of `bytes`: fills `memory` (zero elsewhere), or only looks (NULL).
static bool get_runs(Adopting *adopting, uint64_t bytes, uint8_t *memory)
{
    uint64_t count = bytes / PAGE_BYTES, done = 0;
    for (;;) {
        const KeepRun *run = get(adopting, sizeof(*run));
        if (!run || run->count == 0) {
            return run != NULL;
        }
        if (run->first < done || run->first > count || run->count > count - run->first) {
            return false;
        }
        const uint8_t *pages = get(adopting, (uint64_t)run->count * PAGE_BYTES);
        if (!pages) {
            return false;
        }
        if (memory) {
            memcpy(memory + (size_t)run->first * PAGE_BYTES, pages,
                   (size_t)run->count * PAGE_BYTES);
        }
        done = (uint64_t)run->first + run->count;
    }
}

static bool head_is_right(const Adopting *adopting, const KeepHead *head)
{
    KeepHead copy = *head;
    copy.own_hash = 0;
    return hash_bytes(&copy, sizeof(copy)) == head->own_hash
           && head->bytes == adopting->file.reserve_bytes - sizeof(*head)
           && hash_bytes(adopting->file.base + sizeof(*head), head->bytes) == head->hash;
}

static const KeepHead *open_file(Adopting *adopting, int fd, Fault *fault)
{
    if (!arena_open_file(&adopting->file, fd, false, fault)) {
        return NULL;
    }
    const KeepHead *head = get(adopting, sizeof(*head));
    if (!head || head->magic != KEEP_MAGIC) {
        (void)refuse(fault, "the file is not that of a history");
    } else if (head->version != KEEP_VERSION || head->block_bytes != sizeof(Block)) {
        (void)refuse(fault, "another version of hotloop wrote it");
    } else if (!head_is_right(adopting, head)) {
        (void)refuse(fault, "the file is damaged");
    } else {
        return head;
    }
    return NULL;
}

// --------------------------------------------------------------------------------- the small part

static bool read_branch(Timeline *timeline, Adopting *adopting, Fault *fault)
{
    const KeepBranch *kept = get(adopting, sizeof(*kept));
    if (!kept || kept->slot > TIMELINE_BRANCHES_MAX || kept->parent > TIMELINE_BRANCHES_MAX + 1
        || timeline->branches[kept->slot].alive
        || kept->block_count >= TABLE_BYTES / sizeof(uint32_t)) {
        return refuse(fault, "a branch is damaged");
    }
    Branch *branch = &timeline->branches[kept->slot];
    *branch = (Branch){.alive = true,
                       .closed = kept->closed != 0,
                       .id = kept->id,
                       .parent = kept->parent ? &timeline->branches[kept->parent - 1] : NULL,
                       .start = kept->start,
                       .last = kept->last,
                       .left_at = kept->left_at};
    const uint32_t *units = get(adopting, kept->block_count * sizeof(uint32_t));
    if (!units || !table_open(timeline, branch, &branch->table, fault)) {
        return refuse(fault, "a branch is cut short");
    }
    for (uint32_t i = 0; i < kept->block_count; i++) {
        const Block *block = get(adopting, sizeof(*block));
        if (!block || !store_claim(&timeline->store, units[i], sizeof(*block))) {
            return refuse(fault, "a block is cut short or lies where something else does");
        }
        *(uint32_t *)arena_push(&branch->table, 4, 4, 1) = units[i];
        branch->block_count++;
        Block *copy = block_in(timeline, units[i]);
        *copy = *block;
        block_tidy(copy);
        if (!block_is_sound(copy, timeline->store.unit_count)) {
            return refuse(fault, "a block is damaged");
        }
    }
    return true;
}

static bool read_range(Adopting *adopting, Timeline *timeline, Fault *fault)
{
    const KeepRange *kept = get(adopting, sizeof(*kept));
    if (!kept || kept->was == 0) {
        return refuse(fault, "a range is cut short");
    }
    AdoptedRange *range = &adopting->ranges[adopting->range_count++];
    *range = (AdoptedRange){.kept = *kept, .runs = adopting->file.base + adopting->at};
    // For being looked at as a whole; it is opened when its memory is known.
    uint32_t number = kept->first_page == 0 ? 0 : timeline->range_count++;
    timeline->ranges[number] = (Range){.memory = (uint8_t *)(uintptr_t)kept->was,
                                       .bytes = kept->bytes,
                                       .watched = kept->watched,
                                       .first_page = kept->first_page};
    return get_runs(adopting, kept->watched, NULL) || refuse(fault, "a range is cut short");
}

static bool read_head(Timeline *timeline, const KeepHead *head, Fault *fault)
{
    if (head->branch > TIMELINE_BRANCHES_MAX || head->tip > TIMELINE_BRANCHES_MAX + 1
        || head->range_count > TIMELINE_RANGES_MAX || head->branch_count > TIMELINE_BRANCHES_MAX + 1
        || head->inputs_bytes > INPUTS_BYTES) {
        return refuse(fault, "its head is damaged");
    }
    if (head->store_bytes != timeline->store.arena.reserve_bytes
        || head->store_serial != atomic_load(&store_head(&timeline->store)->serial)) {
        return refuse(fault, "its bytes have been written over since");
    }
    timeline->next_born = head->next_born;
    timeline->at = head->at;
    timeline->floor = head->floor;
    timeline->floor_build = head->floor_build;
    timeline->left_count = head->left_count;
    timeline->captured = head->captured;
    timeline->delta_bytes = head->delta_bytes;
    timeline->inputs_bytes = head->inputs_bytes;
    timeline->branch = &timeline->branches[head->branch];
    timeline->tip = head->tip ? &timeline->branches[head->tip - 1] : NULL;
    timeline->next_branch = head->next_branch;
    timeline->next_page = head->next_page;
    timeline->thinned = head->thinned != 0;
    memcpy(timeline->input_shadow, head->input_shadow, sizeof(head->input_shadow));
    // Goes on from there: no block has been changed later than now.
    atomic_store(&timeline->share.sequence, (head->sequence | 1) + 2);
    return true;
}

static bool read_all(Timeline *timeline, Adopting *adopting, const KeepHead *head, Fault *fault)
{
    if (!read_head(timeline, head, fault)) {
        return false;
    }
    for (uint32_t i = 0; i < head->branch_count; i++) {
        if (!read_branch(timeline, adopting, fault)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < head->range_count; i++) {
        if (timeline->range_count >= TIMELINE_RANGES_MAX) {
            return refuse(fault, "it has too many ranges");
        }
        if (!read_range(adopting, timeline, fault)) {
            return false;
        }
    }
    const uint8_t *inputs = get(adopting, head->inputs_bytes);
    if (!inputs || !get_runs(adopting, TIMELINE_EXTRA_BYTES, timeline_extra(timeline))) {
        return refuse(fault, "it is cut short");
    }
    memcpy(timeline->inputs.base, inputs, head->inputs_bytes);
    return branches_are_sound(timeline, fault) && blocks_are_in_order(timeline, fault);
}

// --------------------------------------------------------------------------------------- the store

static bool claim(void *with, uint32_t unit, uint64_t bytes)
{
    return store_claim(with, unit, bytes);
}

static bool claim_edges(Timeline *timeline, Fault *fault)
{
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        for (uint32_t k = 0; branch->alive && k < branch->block_count; k++) {
            if (!block_units(block_at(timeline, branch, k), claim, &timeline->store)) {
                return refuse(fault, "two things lie in one place");
            }
        }
    }
    return true;
}

// From here on nothing can fail: the blocks go where they were.
static void put_blocks_back(Timeline *timeline)
{
    store_claimed(&timeline->store);
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        for (uint32_t k = 0; branch->alive && k < branch->block_count; k++) {
            uint32_t unit = table_of(branch)[k];
            memcpy(store_at(&timeline->store, unit), block_in(timeline, unit), sizeof(Block));
        }
    }
    timeline->blocks = timeline->store.arena.base;
}

// Until their memory is known.
static void forget_ranges(Timeline *timeline)
{
    memset(timeline->ranges, 0, sizeof(timeline->ranges));
    timeline->range_count = 1;
}

static bool take_over(Timeline *timeline, int fd, Fault *fault)
{
    Arena own;
    if (!arena_open(&own, 0, sizeof(Adopting) + PAGE_BYTES, fault)) {
        return false;
    }
    Adopting *adopting = ARENA_NEW(&own, Adopting, 1);
    adopting->own = own;
    timeline->adopting = adopting;
    size_t bytes = timeline->store.arena.reserve_bytes;
    const KeepHead *head = open_file(adopting, fd, fault);
    if (!head || !arena_open(&adopting->blocks, 0, bytes, fault)
        || !arena_try_push(&adopting->blocks, 1, 1, bytes)) {
        return false;
    }
    timeline->blocks = adopting->blocks.base;
    if (!read_all(timeline, adopting, head, fault) || !claim_edges(timeline, fault)) {
        return false;
    }
    put_blocks_back(timeline);
    arena_close(&adopting->blocks);
    forget_ranges(timeline);
    return true;
}

void adopting_end(Timeline *timeline)
{
    Adopting *adopting = timeline->adopting;
    if (adopting) {
        arena_close(&adopting->file);
        arena_close(&adopting->blocks);
        Arena own = adopting->own;
        arena_close(&own);
        timeline->adopting = NULL;
    }
}

Timeline *timeline_adopt(const TimelineConfig *config, int store, int fd, Fault *fault)
{
    TimelineConfig kept = *config;
    kept.kept = true;
    int own = fcntl(store, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
        (void)fault_set(fault, FAULT_MEMORY, "the history that was kept is not there: %s",
                        strerror(errno));
        return NULL;
    }
    Timeline *timeline = timeline_open_empty(&kept, own, fault);
    if (!timeline) {
        return NULL;
    }
    change_begin(timeline); // until all of it is there
    if (!take_over(timeline, fd, fault)) {
        forget_ranges(timeline);
        timeline_close(timeline);
        return NULL;
    }
    // What was written can be adopted once more should this process end before it is followed.
    atomic_store(&timeline->share.is_followed, 1);
    atomic_store(&timeline->share.is_claimed, 1);
    return timeline;
}

// -------------------------------------------------------------------------------------- the ranges

size_t timeline_adopted(const Timeline *timeline, TimelineAdopted *out, size_t max)
{
    const Adopting *adopting = timeline->adopting;
    size_t count = adopting ? adopting->range_count : 0;
    for (size_t i = 0; i < count && i < max; i++) {
        const KeepRange *kept = &adopting->ranges[i].kept;
        out[i] = (TimelineAdopted){kept->first_page, kept->bytes, kept->watched, kept->was};
    }
    return count;
}

static AdoptedRange *find_adopted(Adopting *adopting, uint32_t first_page)
{
    for (uint32_t i = 0; adopting && i < adopting->range_count; i++) {
        if (adopting->ranges[i].kept.first_page == first_page && !adopting->ranges[i].is_done) {
            return &adopting->ranges[i];
        }
    }
    return NULL;
}

bool timeline_adopt_range(Timeline *timeline, uint32_t first_page, uint8_t *memory, size_t bytes,
                          Fault *fault)
{
    AdoptedRange *adopted = find_adopted(timeline->adopting, first_page);
    if (!adopted || bytes % PAGE_BYTES != 0 || bytes < adopted->kept.watched
        || (first_page != 0 && bytes != adopted->kept.bytes)) {
        return fault_set(fault, FAULT_MEMORY,
                         "memory of %zu KiB is not that of range %u of the history", bytes >> 10,
                         first_page);
    }
    Range *range = &timeline->ranges[first_page == 0 ? 0 : timeline->range_count];
    range->first_page = first_page;
    if (!range_open(range, memory, bytes, fault)) {
        return false;
    }
    size_t watched = adopted->kept.watched;
    timeline->range_count += first_page != 0;
    arena_push(&range->shadow_arena, 1, 1, watched);
    timeline->adopting->at = (uint64_t)(adopted->runs - timeline->adopting->file.base);
    bool ok = get_runs(timeline->adopting, watched, range->shadow);
    assert(ok); // it was looked at before
    (void)ok;
    for (size_t at = 0; at < watched; at += PAGE_BYTES) {
        if (memcmp(memory + at, range->shadow + at, PAGE_BYTES) != 0) {
            memcpy(memory + at, range->shadow + at, PAGE_BYTES);
        }
    }
    adopted->is_done = true;
    return range_watch(timeline, range, watched, fault);
}

void timeline_adopt_keep(Timeline *timeline, const void *memory, size_t bytes)
{
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        Range *range = &timeline->ranges[i];
        size_t at = (size_t)((const uint8_t *)memory - range->memory);
        if (range->memory && at < range->watched && bytes <= range->watched - at) {
            memcpy(range->shadow + at, memory, bytes);
        }
    }
}

bool timeline_adopt_end(Timeline *timeline, Fault *fault)
{
    if (!timeline->adopting || !timeline->ranges[0].memory) {
        return fault_set(fault, FAULT_MEMORY, "the history that was kept has no state");
    }
    adopting_end(timeline);
    bool ok = timeline_clean(timeline, fault) && base_write(timeline, fault);
    change_end(timeline);
    return ok;
}
