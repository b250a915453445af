#include "timeline_internal.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

static const size_t GROW_BYTES = 1u << 20, BIG_BYTES = 256u << 20;

// ---------------------------------------------------------------------------------------- opening

static bool open_buffers(Timeline *timeline, Fault *fault)
{
    static const size_t WIDE = 64ull << 30;
    Arena *const buffers[] = {&timeline->pages,   &timeline->deltas,   &timeline->unpacked,
                              &timeline->touched, &timeline->aside,    &timeline->job_merge,
                              &timeline->job_out, &timeline->job_pack, &timeline->job_unpacked};
    for (size_t i = 0; i < COUNT_OF(buffers); i++) {
        if (!arena_open(buffers[i], 0, WIDE, fault)) {
            return false;
        }
    }
    if (timeline->is_kept) {
        timeline->inputs = (Arena){.base = timeline->keep.base + INDEX_INPUTS,
                                   .ready_bytes = INPUTS_BYTES,
                                   .reserve_bytes = INPUTS_BYTES,
                                   .is_shared = true};
    } else if (!arena_open(&timeline->inputs, 0, INPUTS_BYTES, fault)) {
        return false;
    }
    return arena_try_push(&timeline->inputs, 1, 1, INPUTS_BYTES) != NULL;
}

static Timeline *open_private(Fault *fault)
{
    Arena keep;
    if (!arena_open(&keep, 0, sizeof(Timeline) + PAGE_BYTES, fault)) {
        return NULL;
    }
    Timeline *timeline = ARENA_NEW(&keep, Timeline, 1);
    timeline->keep = keep;
    timeline->index_fd = timeline->initials_fd = -1;
    return timeline;
}

static bool open_store(Timeline *timeline, int fd, Fault *fault)
{
    size_t reserve = timeline->budget_bytes * 4 + (16ull << 30);
    bool ok = timeline->is_kept
                  ? store_open_shared(&timeline->store, reserve, &timeline->share, fd, fault)
                  : store_open(&timeline->store, reserve, fault);
    timeline->blocks = timeline->store.arena.base;
    return ok;
}

Timeline *timeline_open_empty(const TimelineConfig *config, int store, Fault *fault)
{
    Timeline *timeline = config->kept ? keep_open(fault) : open_private(fault);
    if (!timeline) {
        if (store >= 0) {
            close(store);
        }
        return NULL;
    }
    timeline->budget_bytes = config->budget_bytes;
    timeline->next_page = TIMELINE_GLOBALS_FIRST;
    timeline->range_count = 1;
    if (!open_store(timeline, store, fault)
        || !arena_open(&timeline->dirty_arena, 0, 1ull << 30, fault)
        || !arena_open(&timeline->worker_arena, 0, 1u << 20, fault)
        || !open_buffers(timeline, fault)
        || !(timeline->dirty = dirty_open(&timeline->dirty_arena, config->method, fault))
        || !(timeline->worker = worker_open(&timeline->worker_arena, "hotloop history", fault))) {
        timeline_close(timeline);
        return NULL;
    }
    return timeline;
}

Timeline *timeline_open(const TimelineConfig *config, Fault *fault)
{
    return timeline_open_empty(config, -1, fault);
}

static void end_range(Timeline *timeline, Range *range)
{
    if (range->memory) {
        dirty_unwatch(timeline->dirty, range->memory, range->watched);
    }
    arena_close(&range->shadow_arena);
    arena_close(&range->mark_arena);
    initial_drop(timeline, range);
    *range = (Range){.first_page = range->first_page};
}

void timeline_close(Timeline *timeline)
{
    if (!timeline) {
        return;
    }
    assert(timeline->readers == 0);
    change_begin(timeline); // for good: nobody is to follow what comes now
    worker_close(timeline->worker);
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        end_range(timeline, &timeline->ranges[i]);
    }
    dirty_close(timeline->dirty);
    if (!timeline->is_kept) { // else they are parts of the index
        for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
            arena_close(&timeline->branches[i].table);
        }
        arena_close(&timeline->inputs);
    }
    Arena *const arenas[] = {
        &timeline->pages,       &timeline->deltas,      &timeline->unpacked,
        &timeline->touched,     &timeline->aside,       &timeline->job_merge,
        &timeline->job_out,     &timeline->job_pack,    &timeline->job_unpacked,
        &timeline->dirty_arena, &timeline->worker_arena};
    for (size_t i = 0; i < COUNT_OF(arenas); i++) {
        arena_close(arenas[i]);
    }
    adopting_end(timeline);
    store_close(&timeline->store);
    keep_close(timeline);
}

DirtyMethod timeline_method(const Timeline *timeline)
{
    return dirty_method(timeline->dirty);
}

// ----------------------------------------------------------------------------------------- ranges

Range *range_of_page(Timeline *timeline, uint32_t page)
{
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        Range *range = &timeline->ranges[i];
        if (range->memory && page - range->first_page < range->bytes / PAGE_BYTES) {
            return range;
        }
    }
    return NULL;
}

bool range_watch(Timeline *timeline, Range *range, size_t watched, Fault *fault)
{
    if (watched <= range->watched) {
        return true;
    }
    size_t more = watched - range->watched;
    if (range->shadow_arena.used_bytes < watched
        && !arena_try_push(&range->shadow_arena, 1, 1, watched - range->shadow_arena.used_bytes)) {
        return fault_set(fault, FAULT_MEMORY, "no memory for a second copy of the state (%zu MiB)",
                         watched >> 20);
    }
    if (!dirty_watch(timeline->dirty, range->memory + range->watched, more,
                     range->shadow + range->watched, range->bytes >= BIG_BYTES, fault)) {
        return false;
    }
    range->watched = watched;
    return true;
}

bool range_open(Range *range, uint8_t *memory, size_t bytes, Fault *fault)
{
    *range = (Range){.memory = memory, .bytes = bytes, .first_page = range->first_page};
    if (!arena_open(&range->shadow_arena, 0, bytes, fault)
        || !arena_open(&range->mark_arena, 0, 2 * (bytes / PAGE_BYTES / 8 + 16), fault)) {
        arena_close(&range->shadow_arena);
        *range = (Range){.first_page = range->first_page};
        return false;
    }
    range->shadow = range->shadow_arena.base;
    range->marks = arena_push(&range->mark_arena, 8, 8, bytes / PAGE_BYTES / 64 + 1);
    range->hits = arena_push(&range->mark_arena, 8, 8, bytes / PAGE_BYTES / 64 + 1);
    return true;
}

// In steps ahead of what is used, so that a state that grows is not watched page by page.
static size_t watched_for(const Range *range, size_t used_bytes)
{
    size_t bytes = (used_bytes + GROW_BYTES - 1) / GROW_BYTES * GROW_BYTES;
    bytes = used_bytes <= range->watched ? range->watched : bytes;
    return bytes < range->bytes ? bytes : range->bytes;
}

static void forget_all(Timeline *timeline)
{
    worker_wait(timeline->worker);
    for (uint32_t i = 0; i < JOBS; i++) {
        timeline->jobs[i].in_use = false;
    }
    timeline->promised = 0;
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        table_close(timeline, &timeline->branches[i]);
        timeline->branches[i] = (Branch){0};
    }
    timeline->ready.unit = 0;
    store_forget(&timeline->store);
    timeline->tip = NULL;
    timeline->at = timeline->floor = 0;
    timeline->floor_build = 0;
    timeline->thinned = false;
    timeline->thin_for = NULL;
    timeline->branch = &timeline->branches[0];
    timeline->next_branch = 1;
}

static bool begin(Timeline *timeline, uint8_t *memory, size_t bytes, size_t used_bytes,
                  Fault *fault)
{
    Range *range = &timeline->ranges[0];
    forget_all(timeline);
    end_range(timeline, range);
    Branch *root = timeline->branch;
    if (!table_open(timeline, root, &root->table, fault)
        || !range_open(range, memory, bytes, fault)) {
        return false;
    }
    root->alive = true;
    size_t watched = watched_for(range, used_bytes);
    arena_push(&range->shadow_arena, 1, 1, watched);
    memcpy(range->shadow, memory, watched);
    if (!range_watch(timeline, range, watched, fault) || !timeline_clean(timeline, fault)) {
        return false;
    }
    for (uint32_t i = 1; i < timeline->range_count; i++) {
        const Range *other = &timeline->ranges[i];
        if (other->memory) {
            memcpy(other->shadow, other->memory, other->bytes);
        }
    }
    return timeline_clean(timeline, fault) && base_write(timeline, fault);
}

bool timeline_begin(Timeline *timeline, uint8_t *memory, size_t bytes, size_t used_bytes,
                    Fault *fault)
{
    assert(timeline->readers == 0);
    change_begin(timeline);
    bool ok = begin(timeline, memory, bytes, used_bytes, fault);
    change_end(timeline);
    return ok;
}

static bool add_range(Timeline *timeline, uint8_t *memory, size_t bytes, uint32_t *first_page,
                      Fault *fault)
{
    Range *range = NULL;
    for (uint32_t i = 1; i < timeline->range_count && !range; i++) {
        range = timeline->ranges[i].memory ? NULL : &timeline->ranges[i];
    }
    if (!range && timeline->range_count < TIMELINE_RANGES_MAX) {
        range = &timeline->ranges[timeline->range_count++];
    }
    if (!range) {
        return fault_set(fault, FAULT_MEMORY, "more than %d libraries at a time are not followed",
                         TIMELINE_RANGES_MAX);
    }
    range->first_page = timeline->next_page;
    if (!range_open(range, memory, bytes, fault)) {
        return false;
    }
    arena_push(&range->shadow_arena, 1, 1, bytes);
    memcpy(range->shadow, memory, bytes);
    if (!range_watch(timeline, range, bytes, fault) || !initial_write(timeline, range, fault)) {
        end_range(timeline, range);
        return false;
    }
    timeline->next_page += (uint32_t)(bytes / PAGE_BYTES);
    *first_page = range->first_page;
    return true;
}

bool timeline_add_range(Timeline *timeline, uint8_t *memory, size_t bytes, uint32_t *first_page,
                        Fault *fault)
{
    change_begin(timeline);
    bool ok = add_range(timeline, memory, bytes, first_page, fault);
    change_end(timeline);
    return ok;
}

void timeline_drop_range(Timeline *timeline, const uint8_t *memory)
{
    change_begin(timeline);
    for (uint32_t i = 1; i < timeline->range_count; i++) {
        if (timeline->ranges[i].memory == memory) {
            end_range(timeline, &timeline->ranges[i]);
        }
    }
    change_end(timeline);
}

uint8_t *timeline_page_memory(const Timeline *timeline, uint32_t page)
{
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        const Range *range = &timeline->ranges[i];
        if (range->memory && page - range->first_page < range->bytes / PAGE_BYTES) {
            return range->memory + (size_t)(page - range->first_page) * PAGE_BYTES;
        }
    }
    return NULL;
}

uint32_t timeline_page_at(const Timeline *timeline, const uint8_t *address)
{
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        const Range *range = &timeline->ranges[i];
        uintptr_t at = (uintptr_t)address - (uintptr_t)range->memory;
        if (range->memory && at < range->bytes) {
            return range->first_page + (uint32_t)(at / PAGE_BYTES);
        }
    }
    return UINT32_MAX;
}

// --------------------------------------------------------------------------------------- capturing

bool timeline_clean(Timeline *timeline, Fault *fault)
{
    const DirtySpan *spans;
    size_t count;
    return dirty_take(timeline->dirty, &spans, &count, fault)
           && dirty_settle(timeline->dirty, fault);
}

// What is being put together of a capture. An edge of many pages is written where it stays, in the
// store: the number of its pages has to be known before, so those that turn out to be equal are in
// it as well, with a delta of nothing.
typedef struct Taking {
    Timeline *timeline;
    uint32_t *pages; // that changed
    uint32_t count;
    uint32_t *numbers; // of an edge in the store
    uint32_t listed;
    uint32_t unit; // where that edge is; 0: it is in timeline->deltas
    size_t room;   // bytes that it has there
    uint8_t *deltas, *at;
    size_t written;
    DeltaWords words;
    bool hit;
} Taking;

static void take_page(Taking *taking, const Range *range, size_t offset)
{
    uint32_t number = range->first_page + (uint32_t)(offset / PAGE_BYTES);
    bool hit = false;
    size_t n =
        delta_take(taking->at, range->memory + offset, range->shadow + offset, taking->words, &hit);
    if (hit) {
        taking->hit = true;
        range->hits[offset / PAGE_BYTES / 64] |= UINT64_C(1) << (offset / PAGE_BYTES % 64);
    }
    taking->pages[taking->count] = number;
    taking->count += n > 0;
    if (taking->unit) {
        taking->numbers[taking->listed++] = number;
        memset(taking->at, 0, n == 0 ? DELTA_NOTHING_BYTES : 0);
        n = n == 0 ? DELTA_NOTHING_BYTES : n;
    }
    taking->at += n;
}

static void take_pages(Taking *taking, const Range *range, uintptr_t first, uintptr_t end)
{
    for (; first < end; first += PAGE_BYTES) {
        take_page(taking, range, first - (uintptr_t)range->memory);
        taking->written++;
    }
}

// The part of the spans that lies in `range`; they come in the order of addresses.
static void take_range(Taking *taking, const Range *range, const DirtySpan *spans, size_t count)
{
    uintptr_t first = (uintptr_t)range->memory, end = first + range->bytes;
    for (size_t i = 0; i < count && spans[i].first < end; i++) {
        if (i + 1 < count && spans[i + 1].first < end && spans[i + 1].first >= first) {
            size_t ahead = spans[i + 1].first - first;
            delta_prefetch(range->memory + ahead, range->shadow + ahead);
        }
        if (spans[i].end > first) {
            take_pages(taking, range, spans[i].first > first ? spans[i].first : first,
                       spans[i].end < end ? spans[i].end : end);
        }
    }
}

static size_t span_pages(const DirtySpan *spans, size_t count)
{
    size_t pages = 0;
    for (size_t i = 0; i < count; i++) {
        pages += (spans[i].end - spans[i].first) / PAGE_BYTES;
    }
    return pages;
}

// By number: libraries' ranges in the order in which they were added, wherever they lie.
static void take_globals(Taking *taking, const DirtySpan *spans, size_t count)
{
    const Timeline *timeline = taking->timeline;
    uint32_t done = 0;
    while (count > 0) {
        const Range *next = NULL;
        for (uint32_t i = 1; i < timeline->range_count; i++) {
            const Range *range = &timeline->ranges[i];
            if (range->memory && range->first_page >= done
                && (!next || range->first_page < next->first_page)) {
                next = range;
            }
        }
        if (!next) {
            return;
        }
        take_range(taking, next, spans, count);
        done = next->first_page + 1;
    }
}

static size_t head_bytes(size_t pages)
{
    return sizeof(EdgeHead) + (pages * sizeof(uint32_t) + 7) / 8 * 8;
}

// Room for an edge of `pages`: in a buffer, or, when it is large, where it stays.
static bool begin_edge(Timeline *timeline, Taking *taking, size_t pages)
{
    enum { MANY = 1024 };
    taking->room = head_bytes(pages) + pages * DELTA_MAX_BYTES + 2 * DELTA_SLACK_BYTES;
    taking->pages = (uint32_t *)(void *)buffer_room(&timeline->pages, (pages + 1) * 4);
    taking->unit = pages >= MANY ? room_take(timeline, taking->room) : 0;
    uint8_t *out = taking->unit ? store_at(&timeline->store, taking->unit)
                                : buffer_room(&timeline->deltas, taking->room);
    if (!out || !taking->pages) {
        return false;
    }
    taking->numbers = (uint32_t *)(void *)(out + sizeof(EdgeHead));
    taking->at = taking->deltas = out + head_bytes(pages);
    return true;
}

// The head goes right before the deltas. In the store the edge begins where its room does, and that
// is the same place, unless a page was written that no range has any more.
static size_t end_edge(Timeline *timeline, Taking *taking)
{
    uint32_t count = taking->unit ? taking->listed : taking->count;
    size_t delta_bytes = (size_t)(taking->at - taking->deltas);
    size_t bytes = (head_bytes(count) + delta_bytes + 7) / 8 * 8;
    uint8_t *edge = taking->deltas - head_bytes(count);
    if (taking->unit) {
        edge = store_at(&timeline->store, taking->unit);
        if (edge + head_bytes(count) != taking->deltas) {
            memmove(edge + head_bytes(count), taking->deltas, delta_bytes);
        }
        store_shrink(&timeline->store, taking->unit, taking->room, bytes + DELTA_SLACK_BYTES);
    } else {
        memcpy(edge + sizeof(EdgeHead), taking->pages, count * sizeof(uint32_t));
    }
    *(EdgeHead *)(void *)edge = (EdgeHead){.bytes = bytes, .pages = count};
    taking->at = edge;
    return bytes;
}

// What changed in pages that were watched, and in those that will be from now on: they were zero in
// every moment so far. False: *fault.
static bool take_spans(Taking *taking, const DirtySpan *spans, size_t count, size_t watched,
                       Fault *fault)
{
    Range *state = &taking->timeline->ranges[0];
    size_t before = state->watched, first_other = 0;
    while (first_other < count && spans[first_other].first < (uintptr_t)state->memory + before) {
        first_other++;
    }
    take_range(taking, state, spans, first_other);
    if (watched > before) {
        if (state->shadow_arena.used_bytes < watched
            && !arena_try_push(&state->shadow_arena, 1, 1,
                               watched - state->shadow_arena.used_bytes)) {
            return fault_set(fault, FAULT_MEMORY, "no memory for a second copy of the state");
        }
        take_pages(taking, state, (uintptr_t)state->memory + before,
                   (uintptr_t)state->memory + watched);
    }
    if (count > 0 && spans[0].first < (uintptr_t)state->memory) {
        first_other = 0; // a library lies below the state
    }
    take_globals(taking, spans + first_other, count - first_other);
    return true;
}

// Everything that changed, as an edge. False: *fault.
static bool take_edge(Timeline *timeline, Taking *taking, size_t used_bytes, size_t *edge_bytes,
                      Fault *fault)
{
    const DirtySpan *spans;
    size_t count;
    Range *state = &timeline->ranges[0];
    size_t watched = watched_for(state, used_bytes);
    if (!dirty_take(timeline->dirty, &spans, &count, fault)) {
        return false;
    }
    size_t pages = span_pages(spans, count) + (watched - state->watched) / PAGE_BYTES;
    if (!begin_edge(timeline, taking, pages)) {
        return fault_set(fault, FAULT_MEMORY, "no memory to remember a tick that changed %zu MiB",
                         pages / 256);
    }
    if (!take_spans(taking, spans, count, watched, fault) || !dirty_settle(timeline->dirty, fault)
        || !range_watch(timeline, state, watched, fault)) {
        return false;
    }
    *edge_bytes = end_edge(timeline, taking);
    return true;
}

// The edge becomes the next moment, on a branch of its own where it has to.
static bool put_edge(Timeline *timeline, const TimelineMoment *moment, const Taking *taking,
                     size_t edge_bytes, TimelineCapture *did, Fault *fault)
{
    if (timeline->at != timeline->branch->last || timeline->branch->closed) {
        Branch *branch = branch_fork(timeline);
        if (!branch) {
            return fault_set(fault, FAULT_MEMORY, "no room for another branch");
        }
        timeline->branch = branch;
        did->forked = true;
    }
    if (!blocks_put(timeline, moment, taking->at, edge_bytes, taking->unit)) {
        return fault_set(fault, FAULT_MEMORY, "no memory for history (%zu MiB are in use)",
                         store_used_bytes(&timeline->store) >> 20);
    }
    timeline->at = timeline->branch->last;
    timeline->captured++;
    timeline->delta_bytes += edge_bytes;
    return true;
}

bool timeline_capture(Timeline *timeline, const TimelineMoment *moment, size_t used_bytes,
                      DeltaWords words, TimelineCapture *did, Fault *fault)
{
    Taking taking = {.timeline = timeline, .words = words};
    size_t edge_bytes = 0;
    *did = (TimelineCapture){0};
    if (!take_edge(timeline, &taking, used_bytes, &edge_bytes, fault)) {
        return false;
    }
    change_begin(timeline);
    bool ok = put_edge(timeline, moment, &taking, edge_bytes, did, fault);
    change_end(timeline);
    if (!ok) {
        return false;
    }
    did->pages = taking.pages;
    did->page_count = taking.count;
    did->written_pages = taking.written;
    did->delta_bytes = edge_bytes;
    did->hit = taking.hit;
    if (timeline->at % FAN == 0) {
        blocks_pump(timeline);
    }
    if (is_over_budget(timeline, spare_bytes(timeline))) {
        thin(timeline);
    }
    room_trim(timeline);
    base_serve(timeline);
    return true;
}

bool timeline_undo(Timeline *timeline, size_t *pages, Fault *fault)
{
    const DirtySpan *spans;
    size_t count, undone = 0;
    if (!dirty_peek(timeline->dirty, &spans, &count, fault)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        for (uint32_t r = 0; r < timeline->range_count; r++) {
            const Range *range = &timeline->ranges[r];
            uintptr_t first = (uintptr_t)range->memory, end = first + range->watched;
            uintptr_t from = spans[i].first > first ? spans[i].first : first;
            uintptr_t to = spans[i].end < end ? spans[i].end : end;
            if (range->memory && from < to) {
                memcpy((uint8_t *)from, range->shadow + (from - first), to - from);
                undone += (to - from) / PAGE_BYTES;
                if (from == spans[i].first && to == spans[i].end) {
                    break;
                }
            }
        }
    }
    if (pages) {
        *pages = undone;
    }
    return undone == 0 || timeline_clean(timeline, fault);
}

void timeline_hit(Timeline *timeline, uint32_t page)
{
    Range *range = &timeline->ranges[0];
    if (range->memory && page < range->bytes / PAGE_BYTES) {
        range->hits[page / 64] |= UINT64_C(1) << (page % 64);
    }
}

void timeline_expect(Timeline *timeline, uint32_t first_page, uint32_t count)
{
    const Range *range = &timeline->ranges[0];
    size_t watched = range->memory ? range->watched / PAGE_BYTES : 0;
    if (first_page < watched) {
        size_t pages = count < watched - first_page ? count : watched - first_page;
        dirty_expect(timeline->dirty, range->memory + (size_t)first_page * PAGE_BYTES,
                     pages * PAGE_BYTES);
    }
}

bool timeline_next_hit(const Timeline *timeline, uint32_t *page)
{
    const Range *range = &timeline->ranges[0];
    size_t pages = range->memory ? range->watched / PAGE_BYTES : 0;
    size_t at = *page;
    while (at < pages) {
        uint64_t word = range->hits[at / 64] >> (at % 64);
        if (word) {
            at += (size_t)__builtin_ctzll(word);
            *page = (uint32_t)at;
            return at < pages;
        }
        at = (at / 64 + 1) * 64;
    }
    return false;
}

bool timeline_written(Timeline *timeline, const DirtySpan **spans, size_t *count, Fault *fault)
{
    return dirty_peek(timeline->dirty, spans, count, fault);
}

const uint8_t *timeline_shadow(const Timeline *timeline, size_t *bytes)
{
    *bytes = timeline->ranges[0].watched;
    return timeline->ranges[0].shadow;
}

// ----------------------------------------------------------------------------------------- places

TimelinePlace timeline_here(const Timeline *timeline)
{
    return (TimelinePlace){timeline->branch->id, timeline->at};
}

bool timeline_is_last(const Timeline *timeline)
{
    return timeline->at == timeline->branch->last;
}

bool timeline_moment(Timeline *timeline, TimelinePlace place, TimelineMoment *moment)
{
    Branch *branch = branch_by_id(timeline, place.branch);
    return branch && place.at > timeline->floor && place.at <= branch->last
           && blocks_moment(timeline, branch_owner(branch, place.at), place.at, moment);
}

uint64_t timeline_nearest(const Timeline *timeline, TimelinePlace place)
{
    Branch *branch = branch_by_id(timeline, place.branch);
    uint64_t at = branch && place.at > branch->last ? branch->last : place.at;
    return branch ? seek_reachable(timeline, branch, at) : place.at;
}

TimelinePlace timeline_owner(const Timeline *timeline, TimelinePlace place)
{
    Branch *branch = branch_by_id(timeline, place.branch);
    return branch ? (TimelinePlace){branch_owner(branch, place.at)->id, place.at} : place;
}

TimelinePlace timeline_meet(const Timeline *timeline, TimelinePlace a, TimelinePlace b)
{
    Branch *one = branch_by_id(timeline, a.branch), *two = branch_by_id(timeline, b.branch);
    if (!one || !two) {
        return (TimelinePlace){timeline->branch->id, timeline->floor};
    }
    uint64_t at = branch_meet(one, a.at, two, b.at);
    return (TimelinePlace){branch_owner(one, at)->id, at};
}

uint64_t timeline_first(const Timeline *timeline, uint32_t branch)
{
    (void)branch; // all that live have the same oldest moment behind them
    return timeline->floor;
}

uint64_t timeline_last(const Timeline *timeline, uint32_t branch)
{
    const Branch *found = branch_by_id(timeline, branch);
    return found ? found->last : 0;
}

size_t timeline_branches(const Timeline *timeline, TimelineBranch *out, size_t max)
{
    size_t count = 0;
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        if (branch->alive && count++ < max) {
            const Branch *parent = branch->parent ? branch->parent : branch;
            uint64_t first = branch->start + (branch->parent != NULL);
            out[count - 1] =
                (TimelineBranch){.id = branch->id,
                                 .parent = {parent->id, branch->start},
                                 .first = first > timeline->floor ? first : timeline->floor,
                                 .last = branch->last,
                                 .left_at = branch->left_at};
        }
    }
    return count;
}

void timeline_drop_branch(Timeline *timeline, uint32_t id)
{
    Branch *branch = branch_by_id(timeline, id);
    if (branch && timeline->readers == 0 && !branch_is_behind(branch, timeline->branch)) {
        change_begin(timeline);
        branch_drop(timeline, branch);
        change_end(timeline);
    }
}

void timeline_cut(Timeline *timeline, TimelinePlace last)
{
    Branch *branch = branch_by_id(timeline, last.branch);
    if (!branch || timeline->readers > 0 || last.at < branch->start) {
        return;
    }
    for (Branch *at = timeline->branch; at; at = at->parent) {
        bool is_behind =
            at == branch ? timeline->at > last.at : at->parent == branch && at->start > last.at;
        if (is_behind) {
            return;
        }
    }
    change_begin(timeline);
    branch_cut(timeline, branch, last.at);
    change_end(timeline);
}

void timeline_stats(const Timeline *timeline, TimelineStats *stats)
{
    *stats = (TimelineStats){.used_bytes = history_bytes(timeline),
                             .budget_bytes = timeline->budget_bytes,
                             .captured = timeline->captured,
                             .delta_bytes = timeline->delta_bytes,
                             .moments = timeline->branch->last - timeline->floor + 1,
                             .thinned = timeline->thinned};
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        stats->shadow_bytes += timeline->ranges[i].watched;
    }
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        stats->branches += timeline->branches[i].alive;
    }
}

// That the worker is idle does not say it: what it has just made may be what the next thing is made
// of.
static bool has_work(const Timeline *timeline)
{
    for (uint32_t i = 0; i < JOBS; i++) {
        if (timeline->jobs[i].in_use) {
            return true;
        }
    }
    return false;
}

void timeline_settle(Timeline *timeline)
{
    for (int i = 0; i < 1000; i++) {
        blocks_quiet(timeline);
        blocks_pump(timeline);
        if (!has_work(timeline)) {
            break;
        }
    }
    blocks_quiet(timeline);
}
