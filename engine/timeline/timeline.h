// Every tick of a running game, remembered. A moment is the state - the state arena and the game's
// globals - after a tick; the timeline holds the first moment and, for each later one, what
// changed, as XOR deltas against a shadow: a copy of the memory as of the moment that it stands at.
// Deltas lead both ways and add up, so merged ones (every 16, 256 and 4096 moments) reach any
// moment in a few steps. Finished parts are packed by a thread of its own; when the budget is used
// up old time thins out - every 16th moment is left of it, then every 256th, then every 4096th -
// and only then its oldest end is forgotten.
//
// Moments are counted from the session's first (0); a restart is a moment as well. Capturing while
// standing in the past begins a branch: the old future stays reachable until memory needs it.
//
//   timeline.c          ranges, shadow, capture, undo     timeline_blocks.c   records, merging
//   timeline_store.c    where the bytes are               timeline_tree.c     branches
//   timeline_seek.c     going somewhere, reading beside   timeline_way.c      the edges on a way
//   timeline_thin.c     the budget                        timeline_room.c     for a large capture
//   timeline_builds.c   which builds made them
//   timeline_keep.h     history that outlives its process
//   timeline_trace.h    a few bytes over history
//
// One thread (the frame loop's) calls all of this but timeline_read_next and timeline_read_page.
#ifndef TIMELINE_H
#define TIMELINE_H
#include "delta.h"
#include "dirty.h"
#include "hotloop.h"

enum {
    TIMELINE_RANGES_MAX = 512,
    TIMELINE_BRANCHES_MAX = 64, // the one that was left longest ago goes when there are more
    TIMELINE_INPUT_BYTES = 504
};
// A page is named by a number that stays: of range 0 (the state arena) by its index, of later
// ranges by numbers from here on that are never used twice.
#define TIMELINE_GLOBALS_FIRST UINT32_C(0x1000000)

typedef struct TimelineConfig {
    size_t budget_bytes; // for history; the shadow comes on top. At least 1 MiB.
    DirtyMethod method;
    bool kept; // so that another process can take it over: timeline_keep.h
} TimelineConfig;

typedef struct TimelinePlace {
    uint32_t branch; // 0: the first; numbers are never used twice
    uint64_t at;     // moments since the session's first
} TimelinePlace;

// What the caller says about a moment; comes back with it.
typedef struct TimelineMoment {
    bool restart;        // the state began afresh; input is zero
    bool edit;           // something was set between two ticks; input holds the caller's word on it
    bool first_of_build; // the first tick of a generation
    uint32_t build;      // number of the generation that made it
    hl_input input;      // that led here
} TimelineMoment;

typedef struct TimelineBranch {
    uint32_t id;
    TimelinePlace parent; // where it forked; of branch 0: itself at 0
    uint64_t first, last; // moments that are its own: parent.at + 1 .. last; `first` is the oldest
                          // that can still be reached
    uint64_t left_at;     // counts up whenever a branch is left: the largest was left last
} TimelineBranch;

// What capture saw.
typedef struct TimelineCapture {
    const uint32_t *pages; // whose bytes changed, ascending; valid until the next call
    size_t page_count;
    size_t written_pages; // that were looked at
    size_t delta_bytes;
    bool hit;    // a changed line holds a word of `words`
    bool forked; // a branch began
} TimelineCapture;

typedef struct TimelineStats {
    size_t used_bytes, budget_bytes; // of history
    size_t shadow_bytes;
    uint64_t moments;     // that can be reached
    uint64_t captured;    // since the beginning
    uint64_t delta_bytes; // that were written in all
    uint32_t branches;
    bool thinned; // some moments are gone
} TimelineStats;

typedef struct Timeline Timeline;

// Opens with threads and memory of its own; NULL and *fault when that cannot be had.
Timeline *timeline_open(const TimelineConfig *config, Fault *fault);
void timeline_close(Timeline *timeline); // NULL is fine
DirtyMethod timeline_method(const Timeline *timeline);

// The memory of range 0, of which `used_bytes` hold something now. Its contents, and those of every
// range added before it, are moment 0 of branch 0; everything from before is forgotten. Ranges of
// globals stay known. The range ends up watched up to what is used, and grows with capture.
bool timeline_begin(Timeline *timeline, uint8_t *memory, size_t bytes, size_t used_bytes,
                    Fault *fault);
// Another range (a library's globals), whole pages. Its contents as they are now are what it holds
// in every moment so far. *first_page: its number.
bool timeline_add_range(Timeline *timeline, uint8_t *memory, size_t bytes, uint32_t *first_page,
                        Fault *fault);
// The range at `memory` is about to be unmapped: moments go on without it.
void timeline_drop_range(Timeline *timeline, const uint8_t *memory);
// Where page `page` lies; NULL when its range was dropped. And the other way (UINT32_MAX: nowhere).
uint8_t *timeline_page_memory(const Timeline *timeline, uint32_t page);
uint32_t timeline_page_at(const Timeline *timeline, const uint8_t *address);

// The memory as it is becomes the next moment. In the past of a branch, or in a branch that is no
// longer its own last moment: a new branch begins. `used_bytes` of range 0 are in use. `words`: see
// delta.h. Cannot fail for lack of budget: old time thins out instead.
bool timeline_capture(Timeline *timeline, const TimelineMoment *moment, size_t used_bytes,
                      DeltaWords words, TimelineCapture *did, Fault *fault);
// Takes back what was written since the moment it stands at: memory is equal to that moment again.
// *pages (may be NULL): how many had been written.
bool timeline_undo(Timeline *timeline, size_t *pages, Fault *fault);
// The pages of range 0 in which a capture saw a word of its `words`, and those that were named to
// timeline_hit: *page is moved to the next one from there on; false: no more. Once is for ever, so
// in every moment all such words lie in them.
bool timeline_next_hit(const Timeline *timeline, uint32_t *page);
void timeline_hit(Timeline *timeline, uint32_t page);
// These pages of range 0 are about to be written by us: one call instead of a fault for each.
void timeline_expect(Timeline *timeline, uint32_t first_page, uint32_t count);
// A capture will soon hold changes of some `bytes`: room for it is made ready by the thread, for
// memory that was never written costs as much again to write. For one such capture; 0: it will not
// come after all. Ready, or nothing to wait for, when timeline_is_prepared says so.
void timeline_prepare(Timeline *timeline, size_t bytes);
bool timeline_is_prepared(const Timeline *timeline);
// What was written since then, without taking it back: for comparing two runs of one tick.
bool timeline_written(Timeline *timeline, const DirtySpan **spans, size_t *count, Fault *fault);

// What range 0 held at the moment that it stands at: *bytes of it from its first byte on, to be
// read until the next capture or seek.
const uint8_t *timeline_shadow(const Timeline *timeline, size_t *bytes);

TimelinePlace timeline_here(const Timeline *timeline);
bool timeline_is_last(const Timeline *timeline); // here is the last moment of its branch
// Makes memory equal to the moment at `to` - or, where time has thinned out, the nearest earlier
// one that is left (later when there is none) - and stands there. What was written since the last
// capture is lost: capture or undo first. False: no such branch (nothing was changed).
bool timeline_seek(Timeline *timeline, TimelinePlace to, TimelinePlace *reached, Fault *fault);
// A look: memory becomes what it was at the moment at `at` (or the nearest, as with timeline_seek)
// until timeline_look_end, which makes it what it was before, also what was written and not yet
// captured. Nothing else moves: it still stands where it stood. Between the two nothing but reading
// the memory, and writing it, which is lost. False: no such branch, or more was written since the
// last capture than can be put aside; nothing was changed.
bool timeline_look(Timeline *timeline, TimelinePlace at, Fault *fault);
bool timeline_look_end(Timeline *timeline, Fault *fault);
// The moment itself; false when its input is gone. Inputs outlive the deltas when time thins out.
bool timeline_moment(Timeline *timeline, TimelinePlace place, TimelineMoment *moment);
// The number of the build that made it; 0: that is not known (of moment 0 it never is).
uint32_t timeline_build(const Timeline *timeline, TimelinePlace place);
// Moments of one branch, one after the other, that one build made.
typedef struct TimelineRun {
    uint32_t branch, build; // build 0: it is not known
    uint64_t first, last;   // also of those between that have thinned out
    bool has_begun;         // where the next one is looked for
    uint32_t slot, block, nth;
} TimelineRun;
// All moments that are there, in runs, at four bytes a moment. *run is zero before the first;
// false: that was the last. Where history has changed, begin anew.
bool timeline_next_run(const Timeline *timeline, TimelineRun *run);
// The moment that timeline_seek would go to.
uint64_t timeline_nearest(const Timeline *timeline, TimelinePlace place);
// `place` named by the branch that the moment really belongs to (a branch's past is its parent's).
TimelinePlace timeline_owner(const Timeline *timeline, TimelinePlace place);
// The last moment that both have behind them.
TimelinePlace timeline_meet(const Timeline *timeline, TimelinePlace a, TimelinePlace b);
// The oldest moment of `branch`'s past that can be reached.
uint64_t timeline_first(const Timeline *timeline, uint32_t branch);
uint64_t timeline_last(const Timeline *timeline, uint32_t branch);
// Copies up to `max` of them; returns how many there are.
size_t timeline_branches(const Timeline *timeline, TimelineBranch *out, size_t max);
// Forgets a branch and what forked from it. Nothing happens when it is where we stand, or an
// ancestor of that.
void timeline_drop_branch(Timeline *timeline, uint32_t branch);
// Forgets what comes after `last` on its branch, with what forked there. Nothing happens when we
// stand there, or while somebody reads.
void timeline_cut(Timeline *timeline, TimelinePlace last);
// What lies before moment `before` need not be reached any more. As far as blocks and branches
// allow, and never what is needed to stand here: timeline_first says from where on there is history
// then. Nothing happens while somebody reads.
void timeline_forget(Timeline *timeline, uint64_t before);
void timeline_stats(const Timeline *timeline, TimelineStats *stats);
void timeline_settle(Timeline *timeline); // waits until the thread has nothing left to do (tests)

// ------------------------------------------------------------------ reading beside the running
// game

// One moment on the way from `from` to `to`, with the pages that changed since the one before.
typedef struct TimelineStep {
    TimelinePlace place;
    TimelineMoment moment;
    bool has_state; // false: thinned out; only the moment's input is left
    const uint32_t *pages;
    size_t page_count;
} TimelineStep;

typedef struct TimelineReader TimelineReader;

// A copy of the memory that walks through history from `from` (or the nearest earlier moment with a
// state) to `to`, which has it in its past, while the game goes on. Until timeline_read_end history
// only grows: nothing is thinned or forgotten. Copies the shadow, which takes some 15 ms for 64
// MiB.
TimelineReader *timeline_read_begin(Timeline *timeline, TimelinePlace from, TimelinePlace to,
                                    Fault *fault);
// These two on any one thread. The first step is the moment it begins at, with all its pages that
// are not all zero. False at the end.
bool timeline_read_next(TimelineReader *reader, TimelineStep *step);
const uint8_t *timeline_read_page(const TimelineReader *reader, uint32_t page);
void timeline_read_end(TimelineReader *reader); // on the timeline's thread

#endif
