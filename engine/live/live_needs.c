// What history needs of builds that do not play any more. A moment that it offers, on any branch,
// is readable: the build that made it is loaded, or one with the same structs is. The timeline says
// which builds made what is there, so nothing is guessed from the numbers of moments, which go back
// whenever somebody rewinds. There is a limit: then moments of the oldest builds are let go. Newer
// ones may hang on them, so they stay in the timeline, but nobody is led there any more.
#include "live_internal.h"

#include <string.h>

// Of so many edits history is kept whole, with their images, two where the fast compiler's build
// played before the full one's. What only older ones can read is not offered any more: somebody who
// saves a thousand times would have a thousand images otherwise.
enum { KEPT_FOR_HISTORY = 32 };

// ------------------------------------------------------------------------------- what is there

static uint64_t less(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void mark(Live *live, uint64_t generation)
{
    if (generation < LIVE_MARKED_MAX) {
        live->marked[generation / 64] |= UINT64_C(1) << (generation % 64);
    }
}

static bool is_marked(const Live *live, uint64_t generation)
{
    return generation >= LIVE_MARKED_MAX
           || (live->marked[generation / 64] >> (generation % 64) & 1) != 0;
}

// What `build` made from that moment on.
static bool may_point_into(const LiveRetired *old, uint64_t build, uint64_t moment)
{
    return build >= old->pointed_from && build <= old->pointed_until
           && moment <= old->pointed_moment;
}

static void mark_images(Live *live, uint64_t build, uint64_t moment)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        LiveRetired *old = &live->retired[i];
        old->is_pointed |= may_point_into(old, build, moment);
    }
}

// The builds that made a moment; where one was let go, that which has the same structs as well.
static void mark_builds(Live *live)
{
    TimelineRun run = {0};
    uint32_t kept = 0;
    size_t count = live->generations < LIVE_MARKED_MAX ? live->generations + 1 : LIVE_MARKED_MAX;
    memset(live->marked, 0, (count + 63) / 64 * sizeof(*live->marked));
    for (uint32_t i = 0; i < live->retired_count; i++) {
        live->retired[i].is_pointed = false;
    }
    while (live->timeline && timeline_next_run(live->timeline, &run)) {
        uint64_t build = run.build ? run.build : live->first_build;
        if (build > live->let_go_build) {
            mark(live, build);
            mark_images(live, build, live->base + run.first);
        }
    }
    // In the order in which they were let go. Of one that made nothing nobody will ask.
    for (uint32_t i = 0; i < live->same_count; i++) {
        if (is_marked(live, live->same[i].generation)) {
            mark(live, live->same[i].same_as);
            live->same[kept++] = live->same[i];
        }
    }
    live->same_count = kept;
}

// The state was searched. It points into the image, or did so when that was looked at before: then
// what was made since may do so, too.
static void note_search(Live *live, const bool *found)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        LiveRetired *old = &live->retired[i];
        if (!old->was_missed || found[i]) {
            old->pointed_from = less(old->pointed_from, live->generation);
            old->pointed_until = live->generations;
            old->pointed_moment =
                old->pointed_moment > live->top_moment ? old->pointed_moment : live->top_moment;
        }
        old->was_missed = !found[i];
    }
    live->top_moment = live->moment;
}

void live_note_jump(Live *live)
{
    bool found[LIVE_RETIRED_MAX] = {0}, may = false;
    uint64_t build = live_build_here(live);
    for (uint32_t i = 0; i < live->retired_count; i++) {
        const LiveRetired *old = &live->retired[i];
        may |= old->was_missed && may_point_into(old, build, live->moment);
    }
    if (may) { // few moments are so close to a change of builds, and looking takes its time
        live_find_images(live, found);
    }
    for (uint32_t i = 0; i < live->retired_count; i++) {
        live->retired[i].was_missed &= !found[i];
    }
}

void live_look_through(Live *live, const bool *found)
{
    note_search(live, found);
    mark_builds(live);
}

static bool may_have_pointers(const Live *live, const LiveRetired *old)
{
    return live->hit_capture >= old->loaded_capture;
}

// A moment that it made is only complete with its variables, and can only be read with its structs.
static bool has_moments(const Live *live, const LiveRetired *old)
{
    return live->timeline && is_marked(live, old->generation)
           && (may_have_pointers(live, old) || old->has_variables || old->differs);
}

bool live_history_needs(const Live *live, const LiveRetired *old)
{
    bool has_words = live->timeline && old->is_pointed && may_have_pointers(live, old);
    return has_words || has_moments(live, old);
}

// ------------------------------------------------------------------------------- the oldest builds

static bool is_offered(const Live *live, uint64_t build)
{
    return (build ? build : live->first_build) > live->let_go_build;
}

// On the way to any moment builds come in their order, so what is let go of is its beginning.
uint64_t live_first_of(const Live *live, uint32_t branch)
{
    enum { FINEST = 16 }; // of what is left where time has thinned out
    uint64_t low = timeline_first(live->timeline, branch);
    uint64_t last = timeline_last(live->timeline, branch), high = last;
    while (live->let_go_build > 0 && low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (is_offered(live, timeline_build(live->timeline, (TimelinePlace){branch, middle}))) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    while (low < last && timeline_nearest(live->timeline, (TimelinePlace){branch, low}) != low) {
        low = less(last, (low / FINEST + 1) * FINEST);
    }
    return live->base + low;
}

// History as a tree, and how much of each branch has to stay.
typedef struct Tree {
    TimelineBranch branches[TIMELINE_BRANCHES_MAX + 1];
    bool stays[TIMELINE_BRANCHES_MAX + 1];
    uint64_t until[TIMELINE_BRANCHES_MAX + 1]; // of one that stays: its last moment that does
    uint32_t count;
} Tree;

// Returns whether that says anything new.
static bool keep_until(Tree *tree, uint32_t branch, uint64_t at)
{
    for (uint32_t i = 0; i < tree->count; i++) {
        if (tree->branches[i].id == branch) {
            bool is_new = !tree->stays[i] || at > tree->until[i];
            tree->until[i] = is_new ? at : tree->until[i];
            tree->stays[i] = true;
            return is_new;
        }
    }
    return false;
}

// What is offered, where we stand with what lies ahead of it, the loop that plays, and whatever
// leads to all that.
static void find_what_stays(const Live *live, Tree *tree)
{
    TimelineRun run = {0};
    uint32_t here = timeline_here(live->timeline).branch;
    bool goes_on = true;
    while (timeline_next_run(live->timeline, &run)) {
        if (is_offered(live, run.build)) {
            (void)keep_until(tree, run.branch, run.last);
        }
    }
    (void)keep_until(tree, here, timeline_last(live->timeline, here));
    if (live->loop == LIVE_LOOP_PLAY) {
        (void)keep_until(tree, live->loop_last.branch, live->loop_last.at);
    }
    while (goes_on) {
        goes_on = false;
        for (uint32_t i = 0; i < tree->count; i++) {
            TimelinePlace parent = tree->branches[i].parent;
            bool is_root = parent.branch == tree->branches[i].id;
            goes_on |= tree->stays[i] && !is_root && keep_until(tree, parent.branch, parent.at);
        }
    }
}

// Futures, or ends of them, and the beginning, where nothing that is offered needs them.
static void free_what_is_let_go(Live *live)
{
    Tree tree = {0};
    size_t count = timeline_branches(live->timeline, tree.branches, COUNT_OF(tree.branches));
    tree.count = (uint32_t)less(count, COUNT_OF(tree.branches));
    find_what_stays(live, &tree);
    for (uint32_t i = 0; i < tree.count; i++) {
        if (!tree.stays[i]) {
            timeline_drop_branch(live->timeline, tree.branches[i].id);
        } else if (tree.until[i] < tree.branches[i].last) {
            timeline_cut(live->timeline, (TimelinePlace){tree.branches[i].id, tree.until[i]});
        }
    }
    if (tree.count == 1) {
        timeline_forget(live->timeline, live_first_of(live, tree.branches[0].id) - live->base);
    }
}

// The newest of those that are too many; 0: none is. Not one whose moment is stood on, or looped
// from.
static uint64_t newest_to_let_go(const Live *live, const bool *found)
{
    uint32_t count = 0;
    uint64_t build = 0, most = live_build_here(live) - 1;
    uint64_t newer = live_number(live, live->generation);
    if (live->loop != LIVE_LOOP_OFF) {
        uint64_t first = timeline_build(live->timeline, live->loop_first);
        most = less(most, (first ? first : live->first_build) - 1);
    }
    for (uint32_t i = live->retired_count; i-- > 0 && build == 0;) {
        uint64_t number = live_number(live, live->retired[i].generation);
        // The fast build of what was counted already costs no edit.
        if (!found[i] && number != newer && has_moments(live, &live->retired[i])) {
            newer = number;
            build = count++ == KEPT_FOR_HISTORY ? live->retired[i].generation : 0;
        }
    }
    return less(build, most);
}

void live_forget_oldest(Live *live, const bool *found)
{
    uint64_t build = live->timeline ? newest_to_let_go(live, found) : 0;
    if (build <= live->let_go_build) {
        return;
    }
    bool is_first = live->let_go_build == 0;
    live->let_go_build = build;
    free_what_is_let_go(live);
    mark_builds(live);
    if (is_first) {
        log_line(LOG_INFO,
                 "history keeps the moments of the last %d builds: those before moment %llu are "
                 "let go",
                 KEPT_FOR_HISTORY,
                 (unsigned long long)live_first_of(live, timeline_here(live->timeline).branch));
    }
}
