// The budget. When history is larger: first the futures that were left, longest ago first; then old
// time thins out, the finest deltas of the oldest block first; and only at last its oldest end
// goes.
#include "timeline_internal.h"

#include <string.h>

static uint64_t span_of(uint32_t level)
{
    return level == 1 ? FAN : level == 2 ? BLOCK : LONGEST;
}

// The branch on the way here that forked from `branch`; NULL: it is the one where we stand.
static Branch *next_on_way(const Timeline *timeline, const Branch *branch)
{
    Branch *on_way = timeline->branch;
    if (on_way == branch) {
        return NULL;
    }
    while (on_way->parent != branch) {
        on_way = on_way->parent;
    }
    return on_way;
}

static Branch *root_of(const Timeline *timeline)
{
    Branch *root = timeline->branch;
    while (root->parent) {
        root = root->parent;
    }
    return root;
}

// ----------------------------------------------------------------------------------- left futures

static Branch *left_longest_ago(Timeline *timeline)
{
    Branch *oldest = NULL;
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *branch = &timeline->branches[i];
        if (branch->alive && !branch_is_behind(branch, timeline->branch)
            && (!oldest || branch->left_at < oldest->left_at)) {
            oldest = branch;
        }
    }
    return oldest;
}

static bool drop_future(Timeline *timeline)
{
    Branch *left = left_longest_ago(timeline);
    if (left) {
        branch_drop(timeline, left);
        return true;
    }
    // What lies behind the fork on a branch that the way here has left.
    for (Branch *on_way = timeline->branch; on_way->parent; on_way = on_way->parent) {
        if (on_way->parent->last > on_way->start) {
            branch_cut(timeline, on_way->parent, on_way->start);
            return true;
        }
    }
    return false;
}

// -------------------------------------------------------------------------------------- thinning

// Where branches fork has to stay within reach.
static bool forks_allow(const Timeline *timeline, const Branch *owner, const Block *block,
                        uint32_t level)
{
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *child = &timeline->branches[i];
        if (child->alive && child->parent == owner && child->start >= block->first
            && child->start <= block->first + block->count && child->start % span_of(level) != 0) {
            return false;
        }
    }
    return true;
}

static bool sixteen_at(const Timeline *timeline, const Branch *owner, uint32_t index,
                       uint32_t level)
{
    for (uint32_t i = 0; i < FAN; i++) {
        const Block *block = block_at(timeline, owner, index - i);
        if (block->level != level || block->jobs > 0
            || !forks_allow(timeline, owner, block, level + 1)) {
            return false;
        }
    }
    return true;
}

static bool raise_level(Timeline *timeline, Branch *owner, Block *block, uint32_t index,
                        uint32_t level)
{
    // Where history begins within the block, longer edges would lead to before that.
    if (block->level != level || block->count != BLOCK || timeline->floor > block->first) {
        return false;
    }
    for (int i = 0; i < 2 * FAN && !block->has_merged; i++) { // the worker is behind
        blocks_quiet(timeline);
        blocks_pump(timeline);
    }
    if (!block->has_merged || !forks_allow(timeline, owner, block, level + 1)) {
        return false;
    }
    if (block->jobs > 0) {
        blocks_quiet(timeline);
    }
    block_touch(timeline, block);
    if (level < 2) {
        for (uint32_t g = 0; g < FAN; g++) {
            Edge merged = block->groups[g].merged;
            if (level == 0) {
                block->groups[g].merged = (Edge){0};
            }
            block_drop_group(timeline, block, g);
            if (level == 0) {
                block->groups[g].merged = merged;
                block->groups[g].has_merged = true;
            }
        }
        block->level = (uint8_t)(level + 1);
        return true;
    }
    if (!block->has_longest || index + 1 < FAN || !sixteen_at(timeline, owner, index, 2)) {
        return false;
    }
    for (uint32_t i = 0; i < FAN; i++) {
        Block *part = block_at(timeline, owner, index - i);
        block_touch(timeline, part);
        edge_free(timeline, &part->merged);
        part->level = 3;
    }
    return true;
}

static bool thin_level(Timeline *timeline, uint32_t level, uint64_t limit)
{
    uint64_t at =
        timeline->thin_at[level] > timeline->floor ? timeline->thin_at[level] : timeline->floor;
    while (at < limit) {
        Branch *owner = branch_owner(timeline->branch, at + 1);
        uint32_t index;
        Block *block = block_of(timeline, owner, at + 1, &index);
        if (!block || block->first + block->count > limit) {
            break;
        }
        at = block->first + block->count;
        timeline->thin_at[level] = at;
        if (raise_level(timeline, owner, block, index, level)) {
            timeline->thinned = true;
            return true;
        }
    }
    return false;
}

// ------------------------------------------------------------------------------------ the oldest
// end

static void drop_forks_before(Timeline *timeline, const Branch *root, uint64_t at)
{
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *child = &timeline->branches[i];
        if (child->alive && child->parent == root && child->start < at
            && !branch_is_behind(child, timeline->branch)) {
            branch_drop(timeline, child);
        }
    }
}

// History begins with moment `at`; said before what leads there goes.
static void raise_floor(Timeline *timeline, uint64_t at)
{
    timeline->floor_build = build_of(timeline, timeline->branch, at);
    timeline->floor = at;
}

// The way here begins with the branch that forked: what it forked from is gone.
static void cut_root(Timeline *timeline, Branch *root, Branch *next)
{
    raise_floor(timeline, next->start);
    next->parent = NULL;
    branch_drop(timeline, root);
}

// The first moments of the oldest block, when it alone is too much: a group, or what is left of
// one that is still being filled.
static bool forget_moments(Timeline *timeline, const Branch *root, Block *block, uint64_t limit)
{
    uint64_t floor = timeline->floor > block->first ? timeline->floor : block->first;
    uint64_t base = block->first / BLOCK * BLOCK;
    if (floor >= limit || block->level > 1) {
        return false;
    }
    uint32_t number = (uint32_t)((floor - base) / FAN);
    uint64_t end = base + (number + 1) * FAN;
    Group *group = &block->groups[number];
    if (block->jobs > 0) {
        blocks_quiet(timeline);
    }
    uint32_t nth = (uint32_t)((floor - base) % FAN);
    bool is_single = group->raw[nth] != 0;
    if (!is_single && end > limit) {
        return false;
    }
    end = is_single ? floor + 1 : end;
    drop_forks_before(timeline, root, end);
    raise_floor(timeline, end);
    if (!is_single) {
        block_drop_group(timeline, block, number);
    } else {
        store_give(&timeline->store, group->raw[nth], group->raw_bytes[nth] + DELTA_SLACK_BYTES);
        group->raw[nth] = 0;
        block_touch(timeline, block);
    }
    timeline->thinned = true;
    return true;
}

static bool forget_oldest(Timeline *timeline, uint64_t limit)
{
    Branch *root = root_of(timeline), *next = next_on_way(timeline, root);
    if (root->block_count == 0) {
        if (next && next->start <= limit) {
            cut_root(timeline, root, next);
            return true;
        }
        return false;
    }
    const Block *block = block_at(timeline, root, 0);
    uint64_t end = block->first + block->count;
    if (block->level == 3) { // no moment before the end of its longest edge can be reached
        end = (block->first / LONGEST + 1) * LONGEST;
    }
    if (next && next->start < end && next->start <= limit) {
        cut_root(timeline, root, next);
        return true;
    }
    if (end > limit) {
        return forget_moments(timeline, root, block_at(timeline, root, 0), limit);
    }
    drop_forks_before(timeline, root, end);
    raise_floor(timeline, end);
    while (root->block_count > 0 && block_at(timeline, root, 0)->first < end) {
        block_drop(timeline, root, 0);
    }
    timeline->thinned = true;
    return true;
}

uint64_t spare_bytes(const Timeline *timeline)
{
    enum { ENOUGH = 4 << 20 };
    uint64_t eighth = timeline->budget_bytes / 8, least = timeline->budget_bytes / 32;
    eighth = eighth < ENOUGH ? eighth : ENOUGH;
    return eighth > least ? eighth : least;
}

bool is_over_budget(const Timeline *timeline, uint64_t more)
{
    return history_bytes(timeline) + timeline->promised + more > timeline->budget_bytes;
}

void thin(Timeline *timeline)
{
    if (timeline->readers > 0) {
        return;
    }
    if (timeline->thin_for != timeline->branch) {
        memset(timeline->thin_at, 0, sizeof(timeline->thin_at));
        timeline->thin_for = timeline->branch;
    }
    change_begin(timeline);
    uint64_t old = timeline->at > GUARDED ? timeline->at - GUARDED : 0;
    uint64_t before = timeline->at > 0 ? timeline->at - 1 : 0;
    // A little more than has to be, so that not every capture comes here.
    while (is_over_budget(timeline, spare_bytes(timeline))) {
        if (timeline->promised > timeline->budget_bytes / 64) {
            blocks_quiet(timeline); // most of it was promised for nothing
            continue;
        }
        if (!drop_future(timeline) && !thin_level(timeline, 0, old) && !thin_level(timeline, 1, old)
            && !thin_level(timeline, 2, old) && !forget_oldest(timeline, old)
            && !forget_oldest(timeline, before)) {
            if (timeline->promised == 0) {
                break;
            }
            blocks_quiet(timeline);
        }
    }
    change_end(timeline);
}

void timeline_forget(Timeline *timeline, uint64_t before)
{
    uint64_t most = timeline->at > 0 ? timeline->at - 1 : 0; // the next moment is put behind it
    uint64_t limit = before < most ? before : most;
    if (timeline->readers > 0 || timeline->floor >= limit) {
        return;
    }
    change_begin(timeline);
    while (timeline->floor < limit && forget_oldest(timeline, limit)) {
    }
    change_end(timeline);
}
