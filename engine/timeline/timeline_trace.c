// XOR leads both ways, so a spot's bytes of the moment before are its bytes XOR what the edge
// between the two does to them. The shadow has them as of the moment that the timeline stands at;
// from there the longest edges lead to the first moment that is asked for, and then the shortest
// ones back, sixteen unpacked at a time.
#include "timeline_trace.h"
#include "timeline_internal.h"

#include "pack.h"

#include <string.h>

// Bytes of one spot in one page.
typedef struct Part {
    uint32_t page, within, bytes;
    uint32_t spot, to; // which of them, and where in it
} Part;

typedef struct Tracing {
    Timeline *timeline;
    Branch *branch;
    uint64_t at, to;
    const Block *block; // that was looked at last
    uint32_t spot_count, part_count;
    Part parts[2 * TIMELINE_SPOTS_MAX]; // by page
    uint8_t bytes[TIMELINE_SPOTS_MAX][TIMELINE_SPOT_BYTES];
    Unpacker *unpacker;
    TimelineTraceUse *use;
    void *with;
    bool is_enough;
} Tracing;

// ------------------------------------------------------------------------------------------ spots

// What the shadow holds there; beyond what is watched everything is zero in every moment.
static void copy_shadow(const Range *range, const Part *part, uint8_t *out)
{
    size_t at = (size_t)(part->page - range->first_page) * PAGE_BYTES + part->within;
    if (at + part->bytes <= range->watched) {
        memcpy(out + part->to, range->shadow + at, part->bytes);
    }
}

static bool add_part(Tracing *tracing, Part part)
{
    const Range *range = range_of_page(tracing->timeline, part.page);
    uint32_t at = tracing->part_count;
    if (!range) {
        return false;
    }
    copy_shadow(range, &part, tracing->bytes[part.spot]);
    for (; at > 0 && tracing->parts[at - 1].page > part.page; at--) {
        tracing->parts[at] = tracing->parts[at - 1];
    }
    tracing->parts[at] = part;
    tracing->part_count++;
    return true;
}

static bool add_spot(Tracing *tracing, const TimelineSpot *spot)
{
    const uint8_t *address = spot->address;
    for (uint32_t done = 0; done < spot->bytes;) {
        uint32_t page = timeline_page_at(tracing->timeline, address + done);
        uint32_t within = (uint32_t)((uintptr_t)(address + done) % PAGE_BYTES);
        uint32_t left = spot->bytes - done, room = PAGE_BYTES - within;
        Part part = {.page = page,
                     .within = within,
                     .bytes = left < room ? left : room,
                     .spot = tracing->spot_count,
                     .to = done};
        if (page == UINT32_MAX || !add_part(tracing, part)) {
            return false;
        }
        done += part.bytes;
    }
    tracing->spot_count++;
    return true;
}

// ------------------------------------------------------------------------------------------ edges

// Where `page` is among the ascending numbers from `low` on, or would be.
static uint32_t find_page(const uint32_t *pages, uint32_t low, uint32_t high, uint32_t page)
{
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pages[middle] < page) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Does the edge to the spots. Nearly always they are not in it, which the page numbers say.
static bool follow_edge(void *with, const uint8_t *edge, uint64_t bytes)
{
    (void)bytes;
    Tracing *tracing = with;
    const EdgeHead *head = (const EdgeHead *)(const void *)edge;
    const uint32_t *pages = (const uint32_t *)(const void *)(edge + sizeof(EdgeHead));
    const uint8_t *delta = edge + sizeof(EdgeHead) + (head->pages * sizeof(uint32_t) + 7) / 8 * 8;
    uint32_t at = 0; // the page that `delta` is of
    for (uint32_t i = 0; i < tracing->part_count; i++) {
        const Part *part = &tracing->parts[i];
        uint32_t wanted = find_page(pages, at, head->pages, part->page);
        if (wanted == head->pages) {
            break;
        }
        if (pages[wanted] != part->page) {
            continue;
        }
        for (; at < wanted; at++) {
            delta += delta_size(delta);
        }
        (void)delta_apply_part(delta, part->within, part->bytes,
                               tracing->bytes[part->spot] + part->to);
    }
    return true;
}

// --------------------------------------------------------------------------------------- the past

static const Block *block_to(Tracing *tracing, uint64_t at)
{
    const Block *block = tracing->block;
    uint32_t index;
    if (!block || at <= block->first || at > block->first + block->count) {
        tracing->block = block_of(tracing->timeline, branch_owner(tracing->branch, at), at, &index);
    }
    return tracing->block;
}

static void hand_over(Tracing *tracing, uint64_t changed)
{
    TimelineTraced traced = {.at = tracing->at, .changed = changed, .bytes = tracing->bytes};
    bool is_first = tracing->at == tracing->timeline->floor;
    const Block *block = is_first ? NULL : block_to(tracing, tracing->at);
    traced.build = block      ? block->builds[tracing->at - block->first - 1]
                   : is_first ? tracing->timeline->floor_build
                              : 0;
    tracing->is_enough = !tracing->use(tracing->with, &traced);
}

// What the spots held one moment, or one longer edge, earlier; and says so.
static void step_to(Tracing *tracing, uint64_t at, const uint8_t before[][TIMELINE_SPOT_BYTES])
{
    uint64_t changed = 0;
    for (uint32_t i = 0; i < tracing->spot_count; i++) {
        bool differs = memcmp(before[i], tracing->bytes[i], TIMELINE_SPOT_BYTES) != 0;
        changed |= (uint64_t)differs << i;
    }
    tracing->at = at;
    hand_over(tracing, changed);
}

// Like edge_bytes, of which there are thousands here.
static const uint8_t *unpacked_edges(Tracing *tracing, const Edge *edge)
{
    const Store *store = &tracing->timeline->store;
    if (!edge->unit || !edge->packed) {
        return edge_bytes(store, edge, NULL);
    }
    uint8_t *room = buffer_room(&tracing->timeline->unpacked, edge->bytes + DELTA_SLACK_BYTES);
    tracing->unpacker = tracing->unpacker ? tracing->unpacker : unpacker_open();
    bool ok = room && tracing->unpacker
              && unpack_with(tracing->unpacker, room, edge->bytes, store_at(store, edge->unit),
                             edge->packed);
    return ok ? room : NULL;
}

// The edge to the nth moment of a group; *whole: all of them, once they are unpacked.
static const uint8_t *edge_of(Tracing *tracing, const Group *group, uint32_t nth,
                              const uint8_t **whole)
{
    Timeline *timeline = tracing->timeline;
    if (group->raw[nth]) {
        return store_at(&timeline->store, group->raw[nth]);
    }
    if (!*whole && group->has_whole) {
        *whole = unpacked_edges(tracing, &group->whole);
    }
    uint64_t start = group->at[nth], end = group->whole.bytes;
    bool fits = start % 8 == 0 && start <= end && group->raw_bytes[nth] <= end - start;
    return *whole && fits ? *whole + start : NULL;
}

// One by one, back to where the group or what is asked for begins.
static bool follow_group(Tracing *tracing, const Block *block)
{
    uint64_t base = block->first / BLOCK * BLOCK;
    uint64_t within = tracing->at - 1 - base, low = base + within / FAN * FAN;
    const Group *group = &block->groups[within / FAN];
    const uint8_t *whole = NULL, *edge;
    uint8_t before[TIMELINE_SPOTS_MAX][TIMELINE_SPOT_BYTES];
    low = low > block->first ? low : block->first;
    low = low > tracing->to ? low : tracing->to;
    while (tracing->at > low && !tracing->is_enough) {
        uint32_t nth = (uint32_t)((tracing->at - 1 - base) % FAN);
        bool has_spots = tracing->part_count > 0; // else somebody asks for the moments only
        edge = has_spots ? edge_of(tracing, group, nth, &whole) : NULL;
        if (has_spots && !edge) {
            return false;
        }
        memcpy(before, tracing->bytes, tracing->spot_count * sizeof(before[0]));
        (void)(edge && follow_edge(tracing, edge, 0));
        step_to(tracing, tracing->at - 1, before);
    }
    return true;
}

// Where time has thinned out: to the moment before that is left.
static bool follow_thinned(Tracing *tracing)
{
    Timeline *timeline = tracing->timeline;
    uint64_t at = seek_reachable(timeline, tracing->branch, tracing->at - 1);
    uint8_t before[TIMELINE_SPOTS_MAX][TIMELINE_SPOT_BYTES];
    if (at < tracing->to) {
        tracing->is_enough = true; // it begins before what is asked for
        return true;
    }
    memcpy(before, tracing->bytes, tracing->spot_count * sizeof(before[0]));
    arena_reset(&timeline->unpacked, 0);
    if (!walk(timeline, tracing->branch, tracing->at, at, &timeline->unpacked, follow_edge,
              tracing)) {
        return false;
    }
    step_to(tracing, at, before);
    return true;
}

static bool follow_back(Tracing *tracing)
{
    bool ok = true;
    while (ok && !tracing->is_enough && tracing->at > tracing->to) {
        const Block *block = block_to(tracing, tracing->at);
        ok = block && (block->level == 0 ? follow_group(tracing, block) : follow_thinned(tracing));
    }
    unpacker_close(tracing->unpacker);
    arena_reset(&tracing->timeline->unpacked, 0);
    buffer_calm(&tracing->timeline->unpacked, 64u << 20);
    return ok;
}

bool timeline_trace(Timeline *timeline, TimelinePlace from, uint64_t to, const TimelineSpot *spots,
                    uint32_t spot_count, TimelineTraceUse *use, void *with)
{
    Tracing tracing = {.timeline = timeline,
                       .branch = branch_by_id(timeline, from.branch),
                       .use = use,
                       .with = with};
    if (!tracing.branch || spot_count > TIMELINE_SPOTS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < spot_count; i++) {
        if (spots[i].bytes > TIMELINE_SPOT_BYTES || !add_spot(&tracing, &spots[i])) {
            return false;
        }
    }
    uint64_t last = from.at < tracing.branch->last ? from.at : tracing.branch->last;
    tracing.at = seek_reachable(timeline, tracing.branch, last);
    tracing.to = to > timeline->floor ? to : timeline->floor;
    if (tracing.at < tracing.to) {
        return true; // nothing of it is left
    }
    uint64_t meet = branch_meet(timeline->branch, timeline->at, tracing.branch, tracing.at);
    arena_reset(&timeline->unpacked, 0);
    if (!walk(timeline, timeline->branch, timeline->at, meet, &timeline->unpacked, follow_edge,
              &tracing)
        || !walk(timeline, tracing.branch, meet, tracing.at, &timeline->unpacked, follow_edge,
                 &tracing)) {
        return false;
    }
    hand_over(&tracing, UINT64_MAX >> (TIMELINE_SPOTS_MAX - spot_count) % TIMELINE_SPOTS_MAX);
    return follow_back(&tracing);
}
