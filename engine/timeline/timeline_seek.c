// Going somewhere: XORing the edges on the way into the shadow, then copying the pages that
// changed. XOR does not care about the order, so one walk serves both ways.
#include "timeline_internal.h"

#include <assert.h>
#include <string.h>

uint64_t seek_reachable(const Timeline *timeline, Branch *branch, uint64_t at)
{
    while (at > timeline->floor) {
        Branch *owner = branch_owner(branch, at);
        uint32_t index;
        const Block *block = block_of(timeline, owner, at, &index);
        if (!block || block->level == 0) {
            return block ? at : timeline->floor;
        }
        uint64_t span = block->level == 1 ? FAN : block->level == 2 ? BLOCK : LONGEST;
        if (at % span == 0) {
            return at;
        }
        at = at / span * span;
    }
    return timeline->floor;
}

// ------------------------------------------------------------------------------------ the present

enum { EDGES_AT_ONCE = 64 };

// Edges whose deltas go to the shadow together, page after page: one that many of them change is
// near by for all of them.
typedef struct Going {
    Timeline *timeline;
    bool is_look; // to the memory, and the shadow stays
    struct {
        const uint32_t *page, *end;
        const uint8_t *delta;
    } edges[EDGES_AT_ONCE];
    uint32_t count;
} Going;

// The page that is next in any of them; UINT32_MAX: all are through.
static uint32_t next_page(const Going *going)
{
    uint32_t next = UINT32_MAX;
    for (uint32_t i = 0; i < going->count; i++) {
        if (going->edges[i].page < going->edges[i].end && *going->edges[i].page < next) {
            next = *going->edges[i].page;
        }
    }
    return next;
}

static void change_page(Going *going, uint32_t page, uint8_t *bytes)
{
    for (uint32_t i = 0; i < going->count; i++) {
        if (going->edges[i].page < going->edges[i].end && *going->edges[i].page == page) {
            const uint8_t *delta = going->edges[i].delta;
            going->edges[i].delta += bytes ? delta_apply(delta, bytes) : delta_size(delta);
            going->edges[i].page++;
        }
    }
}

static void change_pages(Going *going)
{
    Timeline *timeline = going->timeline;
    Range *range = &timeline->ranges[0];
    for (uint32_t page; (page = next_page(going)) != UINT32_MAX;) {
        if (page - range->first_page >= range->bytes / PAGE_BYTES || !range->memory) {
            Range *other = range_of_page(timeline, page);
            if (!other) { // its library is gone
                change_page(going, page, NULL);
                continue;
            }
            range = other;
        }
        uint32_t within = page - range->first_page;
        uint8_t *bytes = going->is_look ? range->memory : range->shadow;
        change_page(going, page, bytes + (size_t)within * PAGE_BYTES);
        if (!going->is_look && !(range->marks[within / 64] >> (within % 64) & 1)) {
            range->marks[within / 64] |= UINT64_C(1) << (within % 64);
            *(uint32_t *)arena_push(&timeline->touched, 4, 4, 1) = page;
        }
    }
    going->count = 0;
}

static bool take_edge(void *with, const uint8_t *edge, uint64_t bytes)
{
    (void)bytes;
    Going *going = with;
    if (!edge || going->count == EDGES_AT_ONCE) {
        change_pages(going);
    }
    if (!edge) {
        return true;
    }
    const EdgeHead *head = (const EdgeHead *)(const void *)edge;
    const uint32_t *pages = (const uint32_t *)(const void *)(edge + sizeof(EdgeHead));
    uint32_t n = going->count++;
    going->edges[n].page = pages;
    going->edges[n].end = pages + head->pages;
    going->edges[n].delta = edge + sizeof(EdgeHead) + (head->pages * sizeof(uint32_t) + 7) / 8 * 8;
    return true;
}

// Brings what changed in the shadow to the memory.
static bool copy_touched(Timeline *timeline, Fault *fault)
{
    enum { MANY = 2048 };
    const uint32_t *pages = (const uint32_t *)(const void *)timeline->touched.base;
    size_t count = timeline->touched.used_bytes / sizeof(*pages);
    if (count > MANY) {
        dirty_expect(timeline->dirty, timeline->ranges[0].memory, timeline->ranges[0].watched);
    }
    for (size_t i = 0; i < count; i++) {
        Range *range = range_of_page(timeline, pages[i]);
        uint32_t within = pages[i] - range->first_page;
        range->marks[within / 64] = 0;
        memcpy(range->memory + (size_t)within * PAGE_BYTES,
               range->shadow + (size_t)within * PAGE_BYTES, PAGE_BYTES);
    }
    arena_reset(&timeline->touched, 0);
    return count == 0 || timeline_clean(timeline, fault);
}

bool timeline_seek(Timeline *timeline, TimelinePlace to, TimelinePlace *reached, Fault *fault)
{
    Branch *branch = branch_by_id(timeline, to.branch);
    if (!branch) {
        return fault_set(fault, FAULT_USAGE, "there is no branch %u (any more)", to.branch);
    }
    blocks_pump(timeline);
    uint64_t at = to.at < branch->last ? to.at : branch->last;
    at = seek_reachable(timeline, branch, at);
    if (!timeline_undo(timeline, NULL, fault)) {
        return false;
    }
    uint64_t meet = branch_meet(timeline->branch, timeline->at, branch, at);
    // Where branches part may itself have been thinned out of reach for neither: see thin_can.
    Going going = {.timeline = timeline};
    bool ok = walk_best(timeline, timeline->branch, timeline->at, meet, &timeline->unpacked,
                        take_edge, &going)
              && walk_best(timeline, branch, meet, at, &timeline->unpacked, take_edge, &going);
    change_pages(&going);
    assert(ok);
    (void)ok;
    change_begin(timeline);
    if (branch != timeline->branch) {
        timeline->branch->left_at = ++timeline->left_count;
    }
    timeline->branch = branch;
    timeline->at = at;
    change_end(timeline);
    arena_reset(&timeline->unpacked, 0);
    buffer_calm(&timeline->unpacked, 64u << 20);
    // The branch asked for stays: its last moment is where a step forward leads.
    *reached = (TimelinePlace){branch->id, at};
    bool is_there = copy_touched(timeline, fault);
    base_serve(timeline);
    return is_there;
}

// ------------------------------------------------------------------------------------- a look

enum { LOOK_PAGES_MAX = 4096 }; // written since the last capture, that are put aside

// A page as it was before the look.
typedef struct Aside {
    uint8_t *memory;
    uint8_t bytes[PAGE_BYTES];
} Aside;

static bool put_aside(Timeline *timeline, Fault *fault)
{
    const DirtySpan *spans;
    size_t count, pages = 0;
    if (!dirty_peek(timeline->dirty, &spans, &count, fault)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        pages += (spans[i].end - spans[i].first) / PAGE_BYTES;
    }
    if (pages > LOOK_PAGES_MAX) {
        return fault_set(fault, FAULT_MEMORY,
                         "%zu pages were written since the last moment: too many to look at "
                         "another one meanwhile",
                         pages);
    }
    arena_reset(&timeline->aside, 0);
    for (size_t i = 0; i < count; i++) {
        for (uintptr_t at = spans[i].first; at < spans[i].end; at += PAGE_BYTES) {
            Aside *aside = arena_try_push(&timeline->aside, sizeof(Aside), 8, 1);
            if (!aside) {
                return fault_set(fault, FAULT_MEMORY, "no memory for a look at another moment");
            }
            aside->memory = (uint8_t *)at;
            memcpy(aside->bytes, aside->memory, PAGE_BYTES);
        }
    }
    return true;
}

bool timeline_look(Timeline *timeline, TimelinePlace at, Fault *fault)
{
    Branch *branch = branch_by_id(timeline, at.branch);
    if (!branch) {
        return fault_set(fault, FAULT_USAGE, "there is no branch %u (any more)", at.branch);
    }
    uint64_t to = seek_reachable(timeline, branch, at.at < branch->last ? at.at : branch->last);
    if (!put_aside(timeline, fault) || !timeline_undo(timeline, NULL, fault)) {
        return false;
    }
    uint64_t meet = branch_meet(timeline->branch, timeline->at, branch, to);
    Going going = {.timeline = timeline, .is_look = true};
    bool ok = walk_best(timeline, timeline->branch, timeline->at, meet, &timeline->unpacked,
                        take_edge, &going)
              && walk_best(timeline, branch, meet, to, &timeline->unpacked, take_edge, &going);
    change_pages(&going);
    assert(ok);
    (void)ok;
    arena_reset(&timeline->unpacked, 0);
    buffer_calm(&timeline->unpacked, 64u << 20);
    return true;
}

bool timeline_look_end(Timeline *timeline, Fault *fault)
{
    bool ok = timeline_undo(timeline, NULL, fault);
    const Aside *aside = (const Aside *)(const void *)timeline->aside.base;
    size_t count = timeline->aside.used_bytes / sizeof(Aside);
    for (size_t i = 0; i < count; i++) {
        memcpy(aside[i].memory, aside[i].bytes, PAGE_BYTES);
    }
    arena_reset(&timeline->aside, 0);
    return ok;
}

// ----------------------------------------------------------------------------------- beside the
// game

struct TimelineReader {
    Arena own, memory, scratch, pages;
    Timeline *timeline;
    Branch *branch;
    uint64_t at, to;
    bool begun;
    uint64_t start_at; // where the copy was taken
    Branch *start_branch;
    uint32_t range_count;
    struct {
        uint8_t *bytes;
        uint32_t first_page, page_count;
    } ranges[TIMELINE_RANGES_MAX];
};

static uint8_t *reader_memory(const TimelineReader *reader, uint32_t page)
{
    for (uint32_t i = 0; i < reader->range_count; i++) {
        uint32_t within = page - reader->ranges[i].first_page;
        if (within < reader->ranges[i].page_count) {
            return reader->ranges[i].bytes + (size_t)within * PAGE_BYTES;
        }
    }
    return NULL;
}

static bool reader_use(void *with, const uint8_t *edge, uint64_t bytes)
{
    (void)bytes;
    TimelineReader *reader = with;
    const EdgeHead *head = (const EdgeHead *)(const void *)edge;
    const uint32_t *pages = (const uint32_t *)(const void *)(edge + sizeof(EdgeHead));
    const uint8_t *delta = edge + sizeof(EdgeHead) + (head->pages * sizeof(uint32_t) + 7) / 8 * 8;
    for (uint32_t i = 0; i < head->pages; i++) {
        uint8_t *memory = reader_memory(reader, pages[i]);
        if (!memory) {
            delta += delta_size(delta);
            continue;
        }
        delta += delta_apply(delta, memory);
        *(uint32_t *)arena_push(&reader->pages, 4, 4, 1) = pages[i];
    }
    return true;
}

TimelineReader *timeline_read_begin(Timeline *timeline, TimelinePlace from, TimelinePlace to,
                                    Fault *fault)
{
    Arena own;
    Branch *branch = branch_by_id(timeline, to.branch);
    if (!branch || from.at > to.at || to.at > branch->last) {
        (void)fault_set(fault, FAULT_USAGE, "that part of history is not there (any more)");
        return NULL;
    }
    blocks_pump(timeline);
    blocks_quiet(timeline); // what it made is taken now: nothing changes from here on
    blocks_seal(timeline);
    if (!arena_open(&own, 0, sizeof(TimelineReader) + 4096, fault)) {
        return NULL;
    }
    TimelineReader *reader = ARENA_NEW(&own, TimelineReader, 1);
    *reader = (TimelineReader){.own = own, .timeline = timeline, .branch = branch};
    size_t bytes = 0;
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        bytes += timeline->ranges[i].watched + 2 * PAGE_BYTES;
    }
    timeline->readers++;
    if (!arena_open(&reader->memory, 0, bytes + PAGE_BYTES, fault)
        || !arena_open(&reader->pages, 0, 16ull << 30, fault)
        || !arena_open(&reader->scratch, 0, 64ull << 30, fault)) {
        timeline_read_end(reader);
        return NULL;
    }
    for (uint32_t i = 0; i < timeline->range_count; i++) {
        const Range *range = &timeline->ranges[i];
        if (!range->memory || range->watched == 0) {
            continue;
        }
        uint32_t n = reader->range_count++;
        reader->ranges[n].bytes = arena_push(&reader->memory, 1, PAGE_BYTES, range->watched);
        memcpy(reader->ranges[n].bytes, range->shadow, range->watched);
        reader->ranges[n].first_page = range->first_page;
        reader->ranges[n].page_count = (uint32_t)(range->watched / PAGE_BYTES);
    }
    reader->start_branch = timeline->branch;
    reader->start_at = timeline->at;
    reader->at = seek_reachable(timeline, branch, from.at);
    reader->to = to.at;
    return reader;
}

static bool first_step(TimelineReader *reader)
{
    const Timeline *timeline = reader->timeline;
    uint64_t meet = branch_meet(reader->start_branch, reader->start_at, reader->branch, reader->at);
    bool ok =
        walk(timeline, reader->start_branch, reader->start_at, meet, &reader->scratch, reader_use,
             reader)
        && walk(timeline, reader->branch, meet, reader->at, &reader->scratch, reader_use, reader);
    arena_reset(&reader->pages, 0);
    for (uint32_t i = 0; i < reader->range_count; i++) {
        for (uint32_t p = 0; p < reader->ranges[i].page_count; p++) {
            if (!is_zero_page(reader->ranges[i].bytes + (size_t)p * PAGE_BYTES)) {
                *(uint32_t *)arena_push(&reader->pages, 4, 4, 1) = reader->ranges[i].first_page + p;
            }
        }
    }
    return ok;
}

bool timeline_read_next(TimelineReader *reader, TimelineStep *step)
{
    Timeline *timeline = reader->timeline;
    *step = (TimelineStep){.has_state = true};
    if (!reader->begun) {
        reader->begun = true;
        if (!first_step(reader)) {
            return false;
        }
    } else {
        if (reader->at >= reader->to) {
            return false;
        }
        uint64_t next = reader->at + 1;
        arena_reset(&reader->pages, 0);
        step->has_state = seek_reachable(timeline, reader->branch, next) == next;
        // From the last moment that has a state: it lies one back, or a whole merged edge.
        uint64_t from = seek_reachable(timeline, reader->branch, reader->at);
        if (step->has_state
            && !walk(timeline, reader->branch, from, next, &reader->scratch, reader_use, reader)) {
            return false;
        }
        reader->at = next;
    }
    step->place = (TimelinePlace){branch_owner(reader->branch, reader->at)->id, reader->at};
    step->pages = (const uint32_t *)(const void *)reader->pages.base;
    step->page_count = reader->pages.used_bytes / sizeof(uint32_t);
    if (reader->at > 0
        && !blocks_moment(timeline, branch_owner(reader->branch, reader->at), reader->at,
                          &step->moment)) {
        step->moment = (TimelineMoment){0};
    }
    return true;
}

const uint8_t *timeline_read_page(const TimelineReader *reader, uint32_t page)
{
    static const uint8_t ZERO[PAGE_BYTES];
    const uint8_t *memory = reader_memory(reader, page);
    return memory ? memory : ZERO;
}

void timeline_read_end(TimelineReader *reader)
{
    if (!reader) {
        return;
    }
    Arena own = reader->own;
    reader->timeline->readers--;
    arena_close(&reader->memory);
    arena_close(&reader->pages);
    arena_close(&reader->scratch);
    arena_close(&own);
}
