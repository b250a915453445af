// The way from one moment to another: which edges lead there. Towards earlier moments the longest
// that fits is taken first. A moment in the second half of a longer edge is reached by going past
// it and coming back, for XOR adds up whatever the order: that halves the edges of a far way.
#include "timeline_internal.h"

enum {
    LEVELS = 4,       // one moment, 16, 256, 4096
    STRAIGHT = 3 * 8, // edges of a kind in a row: more are worth a look at longer ones
    STOPS_MAX = 2 * LEVELS,
    KEPT_BYTES = 32 << 20
};
static const uint64_t SPAN[LEVELS] = {1, FAN, BLOCK, LONGEST};

// The longest edge that ends at `at` and does not reach behind `low`.
typedef struct Step {
    uint64_t moments;
    const Edge *edge; // merged; NULL: one moment of `group`
    const Group *group;
    uint32_t nth;
} Step;

static bool step_from(const Timeline *timeline, Branch *branch, uint64_t at, uint64_t low,
                      Step *step)
{
    Branch *owner = branch_owner(branch, at);
    uint32_t index;
    const Block *block = block_of(timeline, owner, at, &index);
    if (!block) {
        return false;
    }
    bool is_end = at == block->first + block->count;
    uint64_t base = block->first / BLOCK * BLOCK, within = at - 1 - base;
    const Group *group = &block->groups[within / FAN];
    *step = (Step){0};
    if (is_end && block->has_longest && at - LONGEST >= low && at >= LONGEST) {
        *step = (Step){.moments = LONGEST, .edge = &block->longest};
    } else if (is_end && block->has_merged && block->level < 3 && at >= low + BLOCK) {
        *step = (Step){.moments = BLOCK, .edge = &block->merged};
    } else if (at % FAN == 0 && group->has_merged && at >= low + FAN) {
        *step = (Step){.moments = FAN, .edge = &group->merged};
    } else {
        *step = (Step){.moments = 1, .group = group, .nth = (uint32_t)(within % FAN)};
        return group->has_whole || group->raw[step->nth];
    }
    return true;
}

// What was unpacked stays in `scratch` when it is `kept`: until there is too much of it, and `use`
// is told that it goes.
static bool go_straight(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to,
                        Arena *scratch, bool kept, EdgeUse *use, void *with)
{
    uint64_t low = from < to ? from : to, at = from < to ? to : from;
    const Group *unpacked = NULL;
    const uint8_t *whole = NULL;
    while (at > low) {
        Step step;
        if (!step_from(timeline, branch, at, low, &step)) {
            return false;
        }
        const uint8_t *edge;
        size_t room = scratch->used_bytes;
        uint64_t bytes = step.edge ? step.edge->bytes : step.group->raw_bytes[step.nth];
        if (step.edge) {
            edge = edge_bytes(&timeline->store, step.edge, scratch);
        } else if (step.group->raw[step.nth]) {
            edge = store_at(&timeline->store, step.group->raw[step.nth]);
        } else {
            if (unpacked != step.group) {
                whole = edge_bytes(&timeline->store, &step.group->whole, scratch);
                unpacked = step.group;
                room = scratch->used_bytes;
            }
            uint64_t start = step.group->at[step.nth], end = step.group->whole.bytes;
            edge = whole && start % 8 == 0 && start <= end && bytes <= end - start ? whole + start
                                                                                   : NULL;
        }
        if (!edge || !use(with, edge, bytes)) {
            return false;
        }
        at -= step.moments;
        if (!kept) {
            arena_reset(scratch, room);
        } else if (scratch->used_bytes > KEPT_BYTES) {
            (void)use(with, NULL, 0);
            arena_reset(scratch, 0);
            unpacked = NULL;
        }
    }
    return true;
}

bool walk(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to, Arena *scratch,
          EdgeUse *use, void *with)
{
    bool ok = go_straight(timeline, branch, from, to, scratch, false, use, with);
    arena_reset(scratch, ok ? 0 : scratch->used_bytes);
    return ok;
}

// ------------------------------------------------------------------------------- the cheapest way

// What it takes to unpack and to apply, in bytes that are applied; UINT64_MAX: there is no way.
static uint64_t edge_cost(const Edge *edge)
{
    return edge->packed ? 3 * edge->bytes : edge->bytes;
}

static uint64_t straight_cost(const Timeline *timeline, Branch *branch, uint64_t a, uint64_t b)
{
    uint64_t low = a < b ? a : b, at = a < b ? b : a, cost = 0;
    const Group *unpacked = NULL;
    while (at > low) {
        Step step;
        if (!step_from(timeline, branch, at, low, &step)) {
            return UINT64_MAX;
        }
        if (step.edge) {
            cost += edge_cost(step.edge);
        } else {
            bool is_packed = !step.group->raw[step.nth] && step.group->whole.packed;
            cost += step.group->raw_bytes[step.nth];
            cost += is_packed && unpacked != step.group ? 2 * step.group->whole.bytes : 0;
            unpacked = step.group;
        }
        at -= step.moments;
    }
    return cost;
}

// A moment, and the ends of the longer edges that it lies in: how they are reached from it.
typedef struct Fork {
    struct {
        uint64_t at, cost;
        uint8_t from; // which of the two of the level below
    } ends[LEVELS][2];
} Fork;

static uint64_t add(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void fork_open(const Timeline *timeline, Branch *branch, uint64_t at, Fork *fork)
{
    *fork = (Fork){0};
    fork->ends[0][0].at = fork->ends[0][1].at = at;
    fork->ends[0][1].cost = UINT64_MAX;
    for (int level = 1; level < LEVELS; level++) {
        for (int side = 0; side < 2; side++) {
            uint64_t low = at / SPAN[level] * SPAN[level];
            uint64_t end = side && low < at ? low + SPAN[level] : low;
            fork->ends[level][side].at = end;
            fork->ends[level][side].cost = UINT64_MAX;
            for (uint8_t from = 0; from < 2 && end <= branch->last; from++) {
                uint64_t before = fork->ends[level - 1][from].cost;
                uint64_t cost =
                    before == UINT64_MAX
                        ? UINT64_MAX
                        : add(before,
                              straight_cost(timeline, branch, fork->ends[level - 1][from].at, end));
                if (cost < fork->ends[level][side].cost) {
                    fork->ends[level][side].cost = cost;
                    fork->ends[level][side].from = from;
                }
            }
        }
    }
}

// From the moment to the end of that level; returns how many stops were added.
static uint32_t fork_stops(const Fork *fork, int level, int side, uint64_t *stops)
{
    uint64_t back[LEVELS];
    uint32_t count = 0;
    for (; level > 0; level--) {
        back[count++] = fork->ends[level][side].at;
        side = fork->ends[level][side].from;
    }
    for (uint32_t i = 0; i < count; i++) {
        stops[i] = back[count - 1 - i];
    }
    return count;
}

typedef struct Best {
    uint64_t cost;
    int level, from_side, to_side;
} Best;

static void try_level(const Timeline *timeline, Branch *branch, const Fork *from, const Fork *to,
                      int level, Best *best)
{
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            uint64_t a = from->ends[level][i].at, b = to->ends[level][k].at;
            uint64_t cost = add(from->ends[level][i].cost, to->ends[level][k].cost);
            bool is_far = (a > b ? a - b : b - a) > STRAIGHT * SPAN[level];
            if (cost >= best->cost || (is_far && level + 1 < LEVELS)) {
                continue;
            }
            cost = add(cost, straight_cost(timeline, branch, a, b));
            if (cost < best->cost) {
                *best = (Best){cost, level, i, k};
            }
        }
    }
}

// Between the two, in order; none: straight on.
static uint32_t find_stops(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to,
                           uint64_t stops[STOPS_MAX])
{
    Fork a, b;
    Best best = {.cost = UINT64_MAX};
    uint64_t back[LEVELS];
    fork_open(timeline, branch, from, &a);
    fork_open(timeline, branch, to, &b);
    for (int level = 0; level < LEVELS; level++) {
        try_level(timeline, branch, &a, &b, level, &best);
    }
    if (best.cost == UINT64_MAX) {
        return 0;
    }
    uint32_t count = fork_stops(&a, best.level, best.from_side, stops);
    uint32_t more = fork_stops(&b, best.level, best.to_side, back);
    for (uint32_t i = 0; i < more; i++) {
        stops[count++] = back[more - 1 - i];
    }
    return count;
}

bool walk_best(const Timeline *timeline, Branch *branch, uint64_t from, uint64_t to, Arena *scratch,
               EdgeUse *use, void *with)
{
    uint64_t stops[STOPS_MAX];
    bool is_near = (from > to ? from - to : to - from) < FAN / 2;
    uint32_t count = is_near ? 0 : find_stops(timeline, branch, from, to, stops);
    bool ok = true;
    for (uint32_t i = 0; i < count && ok; i++) {
        ok = go_straight(timeline, branch, from, stops[i], scratch, true, use, with);
        from = stops[i];
    }
    return ok && go_straight(timeline, branch, from, to, scratch, true, use, with);
}
