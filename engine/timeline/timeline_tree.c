// Branches: where they fork, and what becomes of those that are left.
#include "timeline_internal.h"

#include <string.h>

// A kept timeline's tables are parts of its index, one for each place that a branch can have.
bool table_open(Timeline *timeline, const Branch *branch, Arena *table, Fault *fault)
{
    if (!timeline->is_kept) {
        return arena_open(table, 0, TABLE_BYTES, fault);
    }
    size_t slot = (size_t)(branch - timeline->branches);
    *table = (Arena){.base = timeline->keep.base + INDEX_TABLES + slot * TABLE_BYTES,
                     .ready_bytes = TABLE_BYTES,
                     .reserve_bytes = TABLE_BYTES,
                     .is_shared = true};
    return true;
}

void table_close(Timeline *timeline, Branch *branch)
{
    if (timeline->is_kept) {
        arena_release(&branch->table);
        branch->table = (Arena){0};
    } else {
        arena_close(&branch->table);
    }
}

uint32_t *table_of(const Branch *branch)
{
    return (uint32_t *)(void *)branch->table.base + branch->block_first;
}

Branch *branch_by_id(const Timeline *timeline, uint32_t id)
{
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        const Branch *branch = &timeline->branches[i];
        if (branch->alive && branch->id == id) {
            return (Branch *)(uintptr_t)branch;
        }
    }
    return NULL;
}

Branch *branch_owner(Branch *branch, uint64_t at)
{
    while (branch->parent && at <= branch->start) {
        branch = branch->parent;
    }
    return branch;
}

bool branch_is_behind(const Branch *behind, const Branch *branch)
{
    while (branch && branch != behind) {
        branch = branch->parent;
    }
    return branch != NULL;
}

uint64_t branch_meet(const Branch *a, uint64_t a_at, const Branch *b, uint64_t b_at)
{
    while (a != b) {
        if (a->id > b->id) { // a parent is older than what forked from it
            a_at = a_at < a->start ? a_at : a->start;
            a = a->parent;
        } else {
            b_at = b_at < b->start ? b_at : b->start;
            b = b->parent;
        }
    }
    return a_at < b_at ? a_at : b_at;
}

// The branch that was left longest ago, of those that nothing lives on; NULL: none.
static Branch *oldest_leaf(Timeline *timeline)
{
    Branch *oldest = NULL;
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *branch = &timeline->branches[i];
        bool is_leaf = branch->alive && !branch_is_behind(branch, timeline->branch);
        for (uint32_t k = 0; is_leaf && k <= TIMELINE_BRANCHES_MAX; k++) {
            is_leaf = !timeline->branches[k].alive || timeline->branches[k].parent != branch;
        }
        if (is_leaf && (!oldest || branch->left_at < oldest->left_at)) {
            oldest = branch;
        }
    }
    return oldest;
}

// Rewinding and going on, over and over, makes a chain of branches that each fork from the one
// before. Where it is too long, the end of the one that was left longest ago goes, and the next
// one goes on under its name. Not the one where we stand: others know its name.
static void join_oldest(Timeline *timeline)
{
    Branch *oldest = NULL;
    for (Branch *on_way = timeline->branch->parent; on_way && on_way->parent;
         on_way = on_way->parent) {
        if (!oldest || on_way->parent->left_at < oldest->parent->left_at) {
            oldest = on_way;
        }
    }
    if (oldest) {
        branch_join(timeline, oldest->parent, oldest);
    }
}

Branch *branch_fork(Timeline *timeline)
{
    uint32_t count = 0;
    Branch *room = NULL;
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        count += timeline->branches[i].alive;
    }
    if (count >= TIMELINE_BRANCHES_MAX && timeline->readers == 0) {
        Branch *oldest = oldest_leaf(timeline);
        if (oldest) {
            branch_drop(timeline, oldest);
        } else {
            join_oldest(timeline);
        }
    }
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX && !room; i++) {
        room = timeline->branches[i].alive ? NULL : &timeline->branches[i];
    }
    Fault fault;
    Arena table;
    if (!room || !table_open(timeline, room, &table, &fault)) {
        return NULL;
    }
    timeline->branch->left_at = ++timeline->left_count;
    timeline->thin_for = NULL; // a slot may be used again
    *room = (Branch){.alive = true,
                     .id = timeline->next_branch++,
                     .parent = branch_owner(timeline->branch, timeline->at),
                     .start = timeline->at,
                     .last = timeline->at,
                     .table = table};
    return room;
}

void branch_cut(Timeline *timeline, Branch *branch, uint64_t last)
{
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *child = &timeline->branches[i];
        if (child->alive && child->parent == branch && child->start > last) {
            branch_drop(timeline, child);
        }
    }
    if (timeline->tip == branch) {
        blocks_seal(timeline);
    }
    while (branch->block_count > 0) {
        Block *block = block_at(timeline, branch, branch->block_count - 1);
        if (block->first >= last) {
            block_drop(timeline, branch, branch->block_count - 1);
            continue;
        }
        if (block->first + block->count > last) {
            blocks_quiet(timeline); // nobody reads it now
            block_touch(timeline, block);
            edge_free(timeline, &block->merged);
            edge_free(timeline, &block->longest);
            block->has_merged = block->has_longest = false;
            block->count = (uint32_t)(last - block->first);
            edge_free(timeline, &block->merged); // they lead to a moment that is gone
            edge_free(timeline, &block->longest);
            block->has_merged = block->has_longest = false;
            uint64_t base = block->first / BLOCK * BLOCK;
            for (uint32_t g = 0; g < FAN; g++) {
                if (base + g * FAN >= last) {
                    block_drop_group(timeline, block, g);
                }
            }
        }
        break;
    }
    branch->closed |= last < branch->last;
    branch->last = last < branch->last ? last : branch->last;
}

void branch_join(Timeline *timeline, Branch *parent, Branch *child)
{
    blocks_seal(timeline);
    branch_cut(timeline, parent, child->start);
    for (uint32_t i = 0; i < child->block_count; i++) {
        *(uint32_t *)arena_push(&parent->table, 4, 4, 1) = table_of(child)[i];
        parent->block_count++;
    }
    parent->last = child->last;
    parent->left_at = child->left_at;
    parent->closed = child->closed;
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        if (timeline->branches[i].alive && timeline->branches[i].parent == child) {
            timeline->branches[i].parent = parent;
        }
    }
    table_close(timeline, child);
    *child = (Branch){0};
}

void branch_drop(Timeline *timeline, Branch *branch)
{
    branch_cut(timeline, branch, branch->start);
    for (uint32_t i = 0; i <= TIMELINE_BRANCHES_MAX; i++) {
        Branch *child = &timeline->branches[i];
        if (child->alive && child->parent == branch) {
            branch_drop(timeline, child);
        }
    }
    table_close(timeline, branch);
    *branch = (Branch){0};
}
