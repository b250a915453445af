// Following a timeline of another process. A view is its small part as of one even count of its
// changes: the index, and a copy of each block at its unit's place in an area of the mirror's own.
// A new view is filled, looked at, and then the mirror's memory goes from where it is to where the
// view stands: back along the old view's edges to a moment that both have, and on along the new
// one's. Edges are read where they are, in the store; the timeline keeps those that either view
// names, until the mirror says that it has seen the new one.
#include "timeline_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

// Contents: opening, a view, the way, memory, following.

typedef struct View {
    Arena index; // laid out as the index is
    Arena blocks;
    Timeline *timeline; // at the front of it; what lies behind its ranges is not filled
    uint64_t sequence, serial;
    uint64_t extra_stamp;
} View;

// What a range held at the moment that the mirror is at.
typedef struct Held {
    uint32_t first_page;
    size_t bytes;
    Arena memory;
} Held;

typedef struct Holding {
    uint32_t count;
    uint64_t base_serial;
    Held ranges[TIMELINE_RANGES_MAX];
} Holding;

struct TimelineMirror {
    Arena own;
    TimelineHandles handles;
    Arena index, store, scratch, edge;
    View views[2];
    uint32_t now; // views[now] is where memory is
    Holding holding;
    bool has_followed; // memory is as views[now] says
    bool is_attached;
};

// A part of the way: from one moment to another on the way to `branch`.
typedef struct Leg {
    const View *view;
    Branch *branch;
    uint64_t from, to;
} Leg;

typedef struct Way {
    Leg legs[2];
    bool from_base;
} Way;

static bool busy(Fault *fault, const char *why)
{
    return fault_set(fault, FAULT_INCOMPLETE, "history cannot be followed just now: %s", why);
}

static bool refuse(Fault *fault, const char *why)
{
    return fault_set(fault, FAULT_FORMAT, "history cannot be followed: %s", why);
}

// ----------------------------------------------------------------------------------------- opening

static bool open_view(TimelineMirror *mirror, View *view, Fault *fault)
{
    size_t bytes = mirror->store.reserve_bytes;
    if (!arena_open(&view->index, 0, INDEX_BYTES, fault)
        || !arena_open(&view->blocks, 0, bytes, fault)
        || !arena_try_push(&view->index, 1, 1, INDEX_BYTES)
        || !arena_try_push(&view->blocks, 1, 1, bytes)) {
        return false;
    }
    view->timeline = (Timeline *)(void *)view->index.base;
    return true;
}

static bool open_mirror(TimelineMirror *mirror, Fault *fault)
{
    if (!arena_open_file(&mirror->index, mirror->handles.index, true, fault)
        || !arena_open_file(&mirror->store, mirror->handles.store, false, fault)
        || !arena_open(&mirror->scratch, 0, 64ull << 30, fault)
        || !arena_open(&mirror->edge, 0, 64ull << 30, fault)) {
        return false;
    }
    const Share *share = (const Share *)(const void *)mirror->index.base;
    if (mirror->index.reserve_bytes != INDEX_BYTES || share->magic != SHARE_MAGIC
        || share->timeline_bytes != sizeof(Timeline) || mirror->store.reserve_bytes < PAGE_BYTES
        || mirror->store.reserve_bytes / PAGE_BYTES > UINT32_MAX) {
        return refuse(fault, "another version of hotloop has it, or something else");
    }
    return open_view(mirror, &mirror->views[0], fault)
           && open_view(mirror, &mirror->views[1], fault);
}

static void close_handles(const TimelineHandles *handles)
{
    close(handles->store);
    close(handles->index);
    close(handles->initials);
}

TimelineMirror *mirror_open(const TimelineHandles *handles, Fault *fault)
{
    Arena own;
    if (!arena_open(&own, 0, sizeof(TimelineMirror) + sizeof(Holding) + 2 * PAGE_BYTES, fault)) {
        close_handles(handles);
        return NULL;
    }
    TimelineMirror *mirror = ARENA_NEW(&own, TimelineMirror, 1);
    mirror->own = own;
    mirror->handles = *handles;
    if (!open_mirror(mirror, fault)) {
        mirror_close(mirror);
        return NULL;
    }
    return mirror;
}

static void drop_held(Holding *holding)
{
    for (uint32_t i = 0; i < holding->count; i++) {
        arena_close(&holding->ranges[i].memory);
    }
    holding->count = 0;
}

static Share *share_of(const TimelineMirror *mirror)
{
    return (Share *)(void *)mirror->index.base;
}

void mirror_close(TimelineMirror *mirror)
{
    if (!mirror) {
        return;
    }
    if (mirror->is_attached) { // it need not wait for us
        atomic_store(&share_of(mirror)->is_followed, 0);
    }
    drop_held(&mirror->holding);
    for (int i = 0; i < 2; i++) {
        arena_close(&mirror->views[i].index);
        arena_close(&mirror->views[i].blocks);
    }
    Arena *const arenas[] = {&mirror->index, &mirror->store, &mirror->scratch, &mirror->edge};
    for (size_t i = 0; i < COUNT_OF(arenas); i++) {
        arena_close(arenas[i]);
    }
    close_handles(&mirror->handles);
    Arena own = mirror->own;
    arena_close(&own);
}

// ------------------------------------------------------------------------------------------ a view

static bool is_still(const TimelineMirror *mirror, uint64_t sequence)
{
    atomic_thread_fence(memory_order_acquire);
    return atomic_load_explicit(&share_of(mirror)->sequence, memory_order_relaxed) == sequence;
}

static uint64_t store_serial(const TimelineMirror *mirror)
{
    return atomic_load(&((const StoreHead *)(const void *)mirror->store.base)->serial);
}

// A pointer of its process to one of the same thing in the view; NULL: it leads nowhere.
static Branch *translated(const View *view, const Branch *branch)
{
    uintptr_t offset = (uintptr_t)branch - view->timeline->share.self;
    return offset < offsetof(Timeline, ranges) ? (Branch *)(void *)(view->index.base + offset)
                                               : NULL;
}

// Pointers to branches that lead nowhere become one that is seen to be wrong.
static void translate(const TimelineMirror *mirror, View *view)
{
    Timeline *timeline = view->timeline;
    static const Branch nowhere;
    Branch **pointers[2] = {&timeline->branch, &timeline->tip};
    for (uint32_t i = 0; i < 2; i++) {
        if (*pointers[i] || i == 0) {
            Branch *to = translated(view, *pointers[i]);
            *pointers[i] = to ? to : (Branch *)(uintptr_t)&nowhere;
        }
    }
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *branch = &timeline->branches[i];
        branch_tidy(branch);
        branch->table = (Arena){.base = view->index.base + INDEX_TABLES + i * (size_t)TABLE_BYTES};
        if (branch->parent) {
            Branch *to = translated(view, branch->parent);
            branch->parent = to ? to : (Branch *)(uintptr_t)&nowhere;
        }
    }
    timeline->inputs = (Arena){.base = view->index.base + INDEX_INPUTS};
    timeline->store.arena = mirror->store;
    timeline->blocks = view->blocks.base;
}

static void copy_part(const TimelineMirror *mirror, const View *view, size_t at, size_t bytes)
{
    memcpy(view->index.base + at, mirror->index.base + at, bytes);
}

// Blocks that have not changed since they were copied are left alone. Each copy is good or thrown
// away, so that the next try has less to do.
static bool copy_blocks(const TimelineMirror *mirror, const View *view, const Branch *branch,
                        uint64_t sequence, bool *is_sound)
{
    uint32_t unit_count = (uint32_t)(mirror->store.reserve_bytes / PAGE_BYTES);
    for (uint32_t i = 0; i < branch->block_count; i++) {
        uint32_t unit = table_of(branch)[i];
        if (unit == 0 || unit >= unit_count - sizeof(Block) / PAGE_BYTES) {
            *is_sound = false;
            return true;
        }
        size_t at = (size_t)unit * PAGE_BYTES;
        const Block *block = (const Block *)(const void *)(mirror->store.base + at);
        Block *copy = block_in(view->timeline, unit);
        if (copy->stamp == block->stamp) {
            continue;
        }
        memcpy(copy, block, sizeof(*copy));
        block_tidy(copy);
        if (!is_still(mirror, sequence)) {
            copy->stamp = 0;
            return false;
        }
        if (!block_is_sound(copy, unit_count)) {
            copy->stamp = 0;
            *is_sound = false;
        }
    }
    return true;
}

// One try. False: it was changed meanwhile. *is_sound: false, what was read makes no sense.
static bool try_fill(TimelineMirror *mirror, View *view, bool *is_sound, Fault *fault)
{
    Timeline *timeline = view->timeline;
    uint64_t sequence = atomic_load(&share_of(mirror)->sequence);
    *is_sound = true;
    if (sequence % 2 != 0) {
        return false;
    }
    view->serial = store_serial(mirror);
    copy_part(mirror, view, 0, offsetof(Timeline, ranges));
    uint32_t ranges = timeline->range_count;
    ranges = ranges < TIMELINE_RANGES_MAX ? ranges : TIMELINE_RANGES_MAX;
    copy_part(mirror, view, offsetof(Timeline, ranges), ranges * sizeof(Range));
    if (!is_still(mirror, sequence)) {
        return false;
    }
    translate(mirror, view);
    if (timeline->base.serial == 0 || !branches_are_sound(timeline, fault)) {
        *is_sound = false;
        return is_still(mirror, sequence);
    }
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        if (!branch->alive) {
            continue;
        }
        size_t at = INDEX_TABLES + i * (size_t)TABLE_BYTES + branch->block_first * sizeof(uint32_t);
        copy_part(mirror, view, at, branch->block_count * sizeof(uint32_t));
        if (!is_still(mirror, sequence) || !copy_blocks(mirror, view, branch, sequence, is_sound)) {
            return false;
        }
        if (!*is_sound) {
            return refuse(fault, "a block of it is damaged") || is_still(mirror, sequence);
        }
    }
    copy_part(mirror, view, INDEX_INPUTS, timeline->inputs_bytes);
    if (view->extra_stamp != timeline->share.extra_stamp) {
        view->extra_stamp = 0;
        copy_part(mirror, view, INDEX_EXTRA, TIMELINE_EXTRA_BYTES);
    }
    if (!is_still(mirror, sequence) || store_serial(mirror) != view->serial) {
        return false;
    }
    view->extra_stamp = timeline->share.extra_stamp;
    view->sequence = sequence;
    *is_sound = blocks_are_in_order(timeline, fault);
    return true;
}

static bool fill(TimelineMirror *mirror, View *view, Fault *fault)
{
    enum { TRIES = 200, PAUSE_NS = 50000 };
    bool is_sound = true;
    for (int i = 0; i < TRIES; i++) {
        if (try_fill(mirror, view, &is_sound, fault)) {
            if (is_sound || view->timeline->base.serial > 0) {
                return is_sound;
            }
            return busy(fault, "it has not begun");
        }
        mono_sleep_until(mono_ns() + PAUSE_NS);
    }
    return busy(fault, "it is being changed");
}

// ----------------------------------------------------------------------------------------- the way

static const Block *block_to(const View *view, Branch *branch, uint64_t at)
{
    uint32_t index;
    return block_of(view->timeline, branch_owner(branch, at), at, &index);
}

// The same moment: the same block leads to it, or from it.
static bool is_same(const View *a, Branch *a_branch, const View *b, Branch *b_branch, uint64_t at)
{
    for (uint64_t next = at; next <= at + 1; next++) {
        if (next > a_branch->last || next > b_branch->last) {
            break;
        }
        const Block *one = block_to(a, a_branch, next), *two = block_to(b, b_branch, next);
        if (one && two) {
            return one->born == two->born && (next == at || one->first <= at);
        }
    }
    return at == 0 && a->timeline->floor == 0 && b->timeline->floor == 0;
}

// The last moment that the ways to both places have in common: what is common is a beginning.
static bool find_common(const View *a, Branch *a_branch, uint64_t a_at, const View *b,
                        Branch *b_branch, uint64_t b_at, uint64_t *common)
{
    uint64_t a_floor = a->timeline->floor, b_floor = b->timeline->floor;
    uint64_t low = a_floor > b_floor ? a_floor : b_floor, high = a_at < b_at ? a_at : b_at;
    if (low > high || !is_same(a, a_branch, b, b_branch, low)) {
        return false;
    }
    while (low < high) {
        uint64_t middle = high - (high - low) / 2;
        if (is_same(a, a_branch, b, b_branch, middle)) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    *common = low;
    return true;
}

// From where the memory is: back in the old view, on in the new one.
static bool find_way(const TimelineMirror *mirror, const View *view, Way *way)
{
    const View *old = &mirror->views[mirror->now];
    Timeline *from = old->timeline, *to = view->timeline;
    uint64_t at, before;
    if (!find_common(old, from->branch, from->at, view, to->branch, to->at, &at)) {
        return false;
    }
    do { // one that neither has thinned out
        before = at;
        at = seek_reachable(from, from->branch, at);
        at = at < before ? at : seek_reachable(to, to->branch, at);
        if (at < from->floor || at < to->floor || at > before) {
            return false;
        }
    } while (at != before);
    // What the old view names may have been written over since: then only the new one's edges
    // count.
    if (at != from->at && old->serial != view->serial) {
        return false;
    }
    *way = (Way){.legs = {{old, from->branch, from->at, at}, {view, to->branch, at, to->at}}};
    return true;
}

// Who has read what the ranges began with takes it out: it is as much again as the state.
static bool is_base_there(const TimelineMirror *mirror, const Timeline *timeline)
{
    uint64_t gone = atomic_load(&share_of(mirror)->read_up_to);
    bool is_there = true;
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        const Range *range = &timeline->ranges[i];
        is_there &= !range->memory || range->initial_bytes == 0 || range->initial_at >= gone;
    }
    return is_there;
}

// From what the ranges were when the timeline wrote it down.
static bool find_way_from_base(const TimelineMirror *mirror, const View *view, Way *way)
{
    Timeline *timeline = view->timeline;
    const Base *base = &timeline->base;
    if (!is_base_there(mirror, timeline)) {
        return false;
    }
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *branch = &timeline->branches[i];
        if (!branch->alive || base->at > branch->last || base->at < timeline->floor) {
            continue;
        }
        const Block *block = block_to(view, branch, base->at);
        bool is_it =
            block ? block->born == base->born : base->born == 0 && base->at == timeline->floor;
        if (is_it && seek_reachable(timeline, branch, base->at) == base->at) {
            uint64_t meet = branch_meet(branch, base->at, timeline->branch, timeline->at);
            *way = (Way){.legs = {{view, branch, base->at, meet},
                                  {view, timeline->branch, meet, timeline->at}},
                         .from_base = true};
            return true;
        }
    }
    return false;
}

// ------------------------------------------------------------------------------------------ memory

static Held *held_of_page(Holding *holding, uint32_t page)
{
    for (uint32_t i = 0; i < holding->count; i++) {
        Held *held = &holding->ranges[i];
        if (page - held->first_page < held->bytes / PAGE_BYTES) {
            return held;
        }
    }
    return NULL;
}

typedef struct Applying {
    TimelineMirror *mirror;
    Holding *holding; // NULL: the edges are only looked at
} Applying;

// From a copy: the process may write to it between looking and using.
static bool use_edge(void *with, const uint8_t *edge, uint64_t bytes)
{
    Applying *applying = with;
    TimelineMirror *mirror = applying->mirror;
    bool is_plain = edge >= mirror->store.base
                    && (size_t)(edge - mirror->store.base) < mirror->store.reserve_bytes;
    if (is_plain) {
        uint8_t *copy = buffer_room(&mirror->edge, bytes + DELTA_SLACK_BYTES);
        if (!copy) {
            return false;
        }
        memcpy(copy, edge, bytes);
        edge = copy;
    }
    if (!edge_is_sound(edge, bytes)) {
        return false;
    }
    const EdgeHead *head = (const EdgeHead *)(const void *)edge;
    const uint32_t *pages = (const uint32_t *)(const void *)(edge + sizeof(EdgeHead));
    const uint8_t *delta = edge + sizeof(EdgeHead) + (head->pages * sizeof(uint32_t) + 7) / 8 * 8;
    for (uint32_t i = 0; applying->holding && i < head->pages; i++) {
        Held *held = held_of_page(applying->holding, pages[i]);
        if (!held) { // its library is gone
            delta += delta_size(delta);
            continue;
        }
        size_t offset = (size_t)(pages[i] - held->first_page) * PAGE_BYTES;
        delta += delta_apply(delta, held->memory.base + offset);
    }
    return true;
}

static bool go_way(TimelineMirror *mirror, const Way *way, Holding *holding)
{
    Applying applying = {mirror, holding};
    for (int i = 0; i < 2; i++) {
        const Leg *leg = &way->legs[i];
        bool ok = walk(leg->view->timeline, leg->branch, leg->from, leg->to, &mirror->scratch,
                       use_edge, &applying);
        arena_reset(&mirror->scratch, 0);
        if (!ok) {
            return false;
        }
    }
    buffer_calm(&mirror->scratch, 64u << 20);
    buffer_calm(&mirror->edge, 64u << 20);
    return true;
}

// Only what is there: reading a hole would give it memory.
static bool read_initial(const TimelineMirror *mirror, const Range *range, uint8_t *memory)
{
    uint64_t end = range->initial_at + range->initial_bytes;
    if (range->initial_bytes > range->bytes || end < range->initial_at || end > INT64_MAX) {
        return false;
    }
    for (uint64_t at = range->initial_at; at < end;) {
        off_t data = lseek(mirror->handles.initials, (off_t)at, SEEK_DATA);
        if (data < 0 || (uint64_t)data >= end) {
            return data >= 0 || errno == ENXIO;
        }
        size_t bytes = (size_t)(end - (uint64_t)data);
        bytes = bytes < PAGE_BYTES * 64 ? bytes : PAGE_BYTES * 64;
        ssize_t n = pread(mirror->handles.initials, memory + ((uint64_t)data - range->initial_at),
                          bytes, data);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            return false;
        }
        at = (uint64_t)data + (n > 0 ? (uint64_t)n : 0);
    }
    return true;
}

static bool hold_range(const TimelineMirror *mirror, const Range *range, Held *held, Fault *fault)
{
    *held = (Held){.first_page = range->first_page, .bytes = range->bytes};
    if (!arena_open(&held->memory, 0, range->bytes, fault)
        || !arena_try_push(&held->memory, 1, 1, range->bytes)) {
        arena_close(&held->memory);
        return fault_set(fault, FAULT_MEMORY, "no memory for a copy of %zu MiB",
                         range->bytes >> 20);
    }
    if (!read_initial(mirror, range, held->memory.base)) {
        arena_close(&held->memory);
        return refuse(fault, "what a range began with cannot be read");
    }
    return true;
}

// What the view's ranges hold where the way begins: those that are held already (unless it begins
// at the base) and those that came since, as they came. Only new ones are opened.
static bool hold_ranges(TimelineMirror *mirror, const View *view, bool from_base, Holding *next,
                        Fault *fault)
{
    const Timeline *timeline = view->timeline;
    next->count = 0;
    next->base_serial = timeline->base.serial;
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        const Range *range = &timeline->ranges[i];
        if (!range->memory) {
            continue;
        }
        Held *held = from_base ? NULL : held_of_page(&mirror->holding, range->first_page);
        Held *to = &next->ranges[next->count];
        if (held && held->first_page == range->first_page && held->bytes == range->bytes) {
            *to = *held;
        } else if (!hold_range(mirror, range, to, fault)) {
            return false;
        }
        next->count++;
    }
    return atomic_load(&share_of(mirror)->punched) == timeline->share.punched
           || busy(fault, "a library of the game has just gone");
}

static bool is_held(const Holding *holding, const Held *held)
{
    for (uint32_t i = 0; i < holding->count; i++) {
        if (holding->ranges[i].memory.base == held->memory.base) {
            return true;
        }
    }
    return false;
}

// Closes what `holding` has and `kept` has not.
static void close_others(Holding *holding, const Holding *kept)
{
    for (uint32_t i = 0; i < holding->count; i++) {
        if (!is_held(kept, &holding->ranges[i])) {
            arena_close(&holding->ranges[i].memory);
        }
    }
}

// --------------------------------------------------------------------------------------- following

static bool choose_way(TimelineMirror *mirror, const View *view, Way *way, Fault *fault)
{
    bool is_known =
        mirror->has_followed && mirror->holding.base_serial == view->timeline->base.serial;
    if ((is_known && find_way(mirror, view, way)) || find_way_from_base(mirror, view, way)) {
        return true;
    }
    atomic_store(&share_of(mirror)->wants_base, 1);
    return busy(fault,
                "no way leads from what is known to where it is; its contents are asked for");
}

static void take_out_initials(TimelineMirror *mirror, uint64_t end)
{
    uint64_t gone = atomic_load(&share_of(mirror)->read_up_to);
    if (end > gone && end < INT64_MAX) {
        atomic_store(&share_of(mirror)->read_up_to, end);
        (void)fallocate(mirror->handles.initials, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                        (off_t)gone, (off_t)(end - gone));
    }
}

static void take_view(TimelineMirror *mirror, View *view, const Holding *next)
{
    close_others(&mirror->holding, next);
    mirror->holding = *next;
    mirror->now = (uint32_t)(view - mirror->views);
    mirror->has_followed = true;
    Timeline *timeline = view->timeline;
    for (uint32_t i = 0, k = 0; i < timeline->range_count; i++) {
        if (timeline->ranges[i].memory) {
            timeline->ranges[i].shadow = mirror->holding.ranges[k++].memory.base;
        }
    }
    take_out_initials(mirror, timeline->initials_end);
    atomic_store(&share_of(mirror)->seen, view->sequence);
}

static bool go_to(TimelineMirror *mirror, View *view, Holding *next, Fault *fault)
{
    Way way;
    if (!choose_way(mirror, view, &way, fault)
        || !hold_ranges(mirror, view, way.from_base, next, fault)) {
        return false;
    }
    if (!go_way(mirror, &way, NULL)) {
        return refuse(fault, "its edges are damaged");
    }
    bool ok = go_way(mirror, &way, next);
    // Somebody who waits no longer may have written over an edge while it was read.
    if (!ok || store_serial(mirror) != view->serial) {
        mirror->has_followed &= way.from_base;
        return busy(fault, "it did not wait");
    }
    take_view(mirror, view, next);
    return true;
}

bool mirror_follow(TimelineMirror *mirror, Fault *fault)
{
    Share *share = share_of(mirror);
    View *view = &mirror->views[1 - mirror->now];
    if (mirror->has_followed && atomic_load(&share->is_followed)
        && atomic_load(&share->sequence) == mirror->views[mirror->now].sequence) {
        return true;
    }
    mirror->is_attached = true;
    atomic_store(&share->is_claimed, 1);
    atomic_store(&share->is_followed, 1);
    if (!fill(mirror, view, fault)) {
        return false;
    }
    size_t mark = mirror->own.used_bytes;
    Holding *next = ARENA_NEW(&mirror->own, Holding, 1);
    bool ok = go_to(mirror, view, next, fault);
    if (!ok) {
        close_others(next, &mirror->holding);
    }
    arena_reset(&mirror->own, mark);
    return ok;
}

bool mirror_has_followed(const TimelineMirror *mirror)
{
    return mirror->has_followed;
}

TimelinePlace mirror_place(const TimelineMirror *mirror)
{
    return mirror->has_followed ? timeline_here(mirror->views[mirror->now].timeline)
                                : (TimelinePlace){0, 0};
}

const void *mirror_extra(const TimelineMirror *mirror)
{
    return mirror->has_followed ? mirror->views[mirror->now].index.base + INDEX_EXTRA : NULL;
}

bool mirror_write(TimelineMirror *mirror, int fd, Fault *fault)
{
    const View *view = &mirror->views[mirror->now];
    if (!mirror->has_followed) {
        return refuse(fault, "it has not been followed yet");
    }
    if (store_serial(mirror) != view->serial) {
        return refuse(fault, "its bytes have been written over since it was followed");
    }
    return keep_write(view->timeline, view->index.base + INDEX_EXTRA, view->serial, fd, fault);
}
