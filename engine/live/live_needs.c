// What history needs of builds that do not play any more. A moment that it offers, on any branch,
// is readable: the build that made it is loaded, or one with the same structs is. The timeline says
// which builds made what is there, so nothing is guessed from the numbers of moments, which go back
// whenever somebody rewinds. There is a limit: then moments of the oldest builds are let go.
#include "live_internal.h"

#include <string.h>

// Of so many builds history is kept whole, with their images. What only older ones can read is
// forgotten: somebody who saves a thousand times would have a thousand images otherwise.
enum { KEPT_FOR_HISTORY = 32 };

// ------------------------------------------------------------------------------- what is in
// history

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

static uint64_t build_of_run(const Live *live, const TimelineRun *run)
{
    return run->build ? run->build : live->first_build;
}

// Into which images may these moments point?
static void mark_images(Live *live, uint64_t build, uint64_t first)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        LiveRetired *old = &live->retired[i];
        old->is_pointed |= build >= old->pointed_from && build <= old->pointed_until
                           && live->base + first <= old->pointed_moment;
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
        mark(live, build_of_run(live, &run));
        mark_images(live, build_of_run(live, &run), run.first);
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

// The state was searched. It points into the image, or did so at the search before, or a moment was
// gone to since that may do so: then what was made since may do so, too.
static void note_search(Live *live, const bool *found)
{
    for (uint32_t i = 0; i < live->retired_count; i++) {
        LiveRetired *old = &live->retired[i];
        if (!old->was_missed || live->jumped || found[i]) {
            uint64_t now = live->generation;
            old->pointed_from = old->pointed_from < now ? old->pointed_from : now;
            old->pointed_until = live->generations;
            old->pointed_moment =
                old->pointed_moment > live->top_moment ? old->pointed_moment : live->top_moment;
        }
        old->was_missed = !found[i];
    }
    live->jumped = false;
    live->top_moment = live->moment;
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
           && (may_have_pointers(live, old) || old->lib.global_count > 0 || old->differs);
}

bool live_history_needs(const Live *live, const LiveRetired *old)
{
    bool has_words = live->timeline && old->is_pointed && may_have_pointers(live, old);
    return has_words || has_moments(live, old);
}

// ------------------------------------------------------------------------------- the oldest builds

static bool is_of(const Live *live, const TimelineRun *run, const LiveRetired *old)
{
    return live_retired_of(live, build_of_run(live, run)) == (int)(old - live->retired);
}

// The last moment that lies behind us and behind the last of `run`.
static uint64_t meet_at(const Live *live, const TimelineRun *run)
{
    TimelinePlace last = {run->branch, run->last};
    return timeline_meet(live->timeline, timeline_here(live->timeline), last).at;
}

// Futures that were left, with moments of it.
static void drop_branches_of(Live *live, const LiveRetired *old)
{
    uint32_t branches[TIMELINE_BRANCHES_MAX + 1], count = 0;
    TimelineRun run = {0};
    while (timeline_next_run(live->timeline, &run) && count < COUNT_OF(branches)) {
        bool is_listed = count > 0 && branches[count - 1] == run.branch;
        if (!is_listed && is_of(live, &run, old) && meet_at(live, &run) < run.first) {
            branches[count++] = run.branch;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        timeline_drop_branch(live->timeline, branches[i]); // not what we stand on
    }
}

// With what lies before its moments, which builds before it made. Nothing is done about a future
// that lies before us: nobody has left it yet.
static void forget_build(Live *live, const LiveRetired *old)
{
    TimelinePlace here = timeline_here(live->timeline);
    uint64_t before = 0;
    TimelineRun run = {0};
    drop_branches_of(live, old);
    while (timeline_next_run(live->timeline, &run)) {
        if (!is_of(live, &run, old)) {
            continue;
        }
        uint64_t meet = meet_at(live, &run);
        // The way here has left the branch before it: history has to begin there.
        uint64_t end = meet >= run.first ? meet + 1 : run.branch != here.branch ? meet : 0;
        before = end > before ? end : before;
    }
    timeline_forget(live->timeline, before);
}

static void say_once(Live *live)
{
    uint32_t branch = timeline_here(live->timeline).branch;
    uint64_t first = timeline_first(live->timeline, branch);
    if (live->told_limit) {
        return;
    }
    live->told_limit = true;
    if (first > 0) {
        log_line(LOG_INFO,
                 "history keeps the moments of the last %d builds: those before moment %llu are "
                 "let go",
                 KEPT_FOR_HISTORY, (unsigned long long)(live->base + first));
    } else {
        log_line(LOG_INFO,
                 "history keeps the moments of the last %d builds: branches with older ones are "
                 "let go",
                 KEPT_FOR_HISTORY);
    }
}

void live_forget_oldest(Live *live, const bool *found)
{
    uint32_t behind = 0, end = 0;
    for (uint32_t i = live->retired_count; i-- > 0 && end == 0;) {
        bool counts = !found[i] && has_moments(live, &live->retired[i]);
        end = counts && behind++ >= KEPT_FOR_HISTORY ? i + 1 : 0;
    }
    if (end == 0) {
        return;
    }
    TimelineStats before, after;
    timeline_stats(live->timeline, &before);
    for (uint32_t i = 0; i < end; i++) {
        if (!found[i] && has_moments(live, &live->retired[i])) {
            forget_build(live, &live->retired[i]);
        }
    }
    timeline_stats(live->timeline, &after);
    if (after.moments < before.moments || after.branches < before.branches) {
        say_once(live);
        mark_builds(live);
    }
}
