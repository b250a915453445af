// Which builds of the caller's made the moments that are still there. A moment that another build
// made can only be read with what is known of that build, so it asks before it lets one go.
#include "timeline_internal.h"

uint32_t build_of(const Timeline *timeline, Branch *branch, uint64_t at)
{
    uint32_t index;
    if (at == timeline->floor) {
        return timeline->floor_build; // the block that leads to it may be gone
    }
    const Block *block =
        at > timeline->floor ? block_of(timeline, branch_owner(branch, at), at, &index) : NULL;
    return block ? block->builds[at - block->first - 1] : 0;
}

uint32_t timeline_build(const Timeline *timeline, TimelinePlace place)
{
    Branch *branch = branch_by_id(timeline, place.branch);
    return branch && place.at <= branch->last ? build_of(timeline, branch, place.at) : 0;
}

// The oldest moment, which no block leads to.
static void take_floor(const Timeline *timeline, TimelineRun *run)
{
    const Branch *root = timeline->branch;
    while (root->parent) {
        root = root->parent;
    }
    run->branch = root->id;
    run->first = run->last = timeline->floor;
    run->build = timeline->floor_build;
    run->has_begun = true;
}

// From moment run->nth of the block on; false: none of it is left there.
static bool take_block(const Timeline *timeline, const Block *block, TimelineRun *run)
{
    uint64_t before = timeline->floor > block->first ? timeline->floor - block->first : 0;
    uint32_t nth = before > run->nth ? (uint32_t)before : run->nth;
    if (before >= block->count || nth >= block->count) {
        return false;
    }
    run->build = block->builds[nth];
    run->first = block->first + nth + 1;
    while (nth < block->count && block->builds[nth] == run->build) {
        nth++;
    }
    run->last = block->first + nth;
    run->nth = nth;
    return true;
}

bool timeline_next_run(const Timeline *timeline, TimelineRun *run)
{
    if (!run->has_begun) {
        take_floor(timeline, run);
        return true;
    }
    for (; run->slot <= TIMELINE_BRANCHES_MAX; run->slot++, run->block = 0) {
        const Branch *branch = &timeline->branches[run->slot];
        for (; branch->alive && run->block < branch->block_count; run->block++, run->nth = 0) {
            if (take_block(timeline, block_at(timeline, branch, run->block), run)) {
                run->branch = branch->id;
                return true;
            }
        }
    }
    return false;
}
