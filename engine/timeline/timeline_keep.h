// History that outlives its process. A kept timeline (TimelineConfig.kept) has its bytes in shared
// memory that no process owns alone: descriptors. Another process - the keeper - follows: twice a
// second it takes over the small part (which edges there are, and where) at a moment when nobody
// changes it, and moves its own copy of the memory along the new edges. When the first process is
// gone, in whatever way and at whatever instruction, a new one adopts what the keeper has: history,
// branches and the memory as of the last moment followed.
//
// How the two do not meet: every change of the small part happens between two counts of a sequence
// number (odd while it changes). Room in the store that is given back is not used again before the
// keeper has followed that far. Edges never change once they are written. A keeper that does not
// follow for 20 s, or while 256 MiB are waiting for it, is not waited for any longer: what it knows
// is void then, and it has to follow anew before it can write anything.
//
//   timeline_keep.c     what the first process does for it      timeline_mirror.c   following
//   timeline_write.c    into a file                             timeline_adopt.c    out of it
//   timeline_sound.c    what was read makes sense
#ifndef TIMELINE_KEEP_H
#define TIMELINE_KEEP_H
#include "timeline.h"

// Bytes of the caller's own that come along with a timeline (which libraries it is about ...).
#define TIMELINE_EXTRA_BYTES ((size_t)4 << 20)
void *timeline_extra(Timeline *timeline); // NULL: it is not kept
// Write to them between these two only; the calls may nest.
void timeline_change_begin(Timeline *timeline);
void timeline_change_end(Timeline *timeline);

// Three memory files, open as long as the timeline is; close-on-exec. Others dup them.
typedef struct TimelineHandles {
    int store, index, initials; // -1: not kept
} TimelineHandles;
TimelineHandles timeline_handles(const Timeline *timeline);

// ---------------------------------------------------------------------------- the keeper's process

typedef struct TimelineMirror TimelineMirror;
// Takes the descriptors over (also when it fails). In an arena of its own.
TimelineMirror *mirror_open(const TimelineHandles *handles, Fault *fault);
void mirror_close(TimelineMirror *mirror); // NULL is fine
// Goes as far as the timeline is now. False with FAULT_INCOMPLETE: not just now - it has not begun,
// it was being changed all the while, or no edges lead from what is known to where it is, and its
// contents, which it writes down with its next capture, seek or change, are waited for: try again.
// Any other fault: what it holds cannot be read. When the process is dead, and died in the middle
// of a change, this fails and what was followed before is what there is.
bool mirror_follow(TimelineMirror *mirror, Fault *fault);
bool mirror_has_followed(const TimelineMirror *mirror); // at least once
TimelinePlace mirror_place(const TimelineMirror *mirror);
// As of the last follow, until the next; NULL before the first.
const void *mirror_extra(const TimelineMirror *mirror);
// Everything that adopting needs, into a memory file of the caller's, whose contents it replaces.
// May be called again later, also when the next process has died before it was followed: what it
// began with is kept for that long.
bool mirror_write(TimelineMirror *mirror, int fd, Fault *fault);

// ------------------------------------------------------------------------- the process that ends

// The same from inside, as of the moment that it stands at (uncaptured writes are not in it). Asks
// nobody but arena for memory: malloc's lock may be held for ever.
bool timeline_hand_over(Timeline *timeline, int fd, Fault *fault);

// ---------------------------------------------------------------------------- the next process

// `store`: the old one's handle, `fd`: what was written. Both stay the caller's. config->kept is
// taken as true. Nothing is watched yet: the memory of each range has to be named first.
Timeline *timeline_adopt(const TimelineConfig *config, int store, int fd, Fault *fault);
// The ranges that it had, by number; returns how many. 0 is the state (first_page 0).
typedef struct TimelineAdopted {
    uint32_t first_page;
    size_t bytes, used_bytes; // behind what is used (and watched) it is zero in every moment
    uintptr_t was;            // where it lay
} TimelineAdopted;
size_t timeline_adopted(const Timeline *timeline, TimelineAdopted *out, size_t max);
// `memory` is where that range lies now: its used_bytes are filled with what it held, and watched;
// what lies behind them has to be zero. Whole pages; of the state at least used_bytes of them, of
// others as many as it had.
bool timeline_adopt_range(Timeline *timeline, uint32_t first_page, uint8_t *memory, size_t bytes,
                          Fault *fault);
// Between the former and the latter: these bytes of such memory are as this process wants them, in
// every moment (addresses of libraries that lie elsewhere now).
void timeline_adopt_keep(Timeline *timeline, const void *memory, size_t bytes);
// After the last of them. Ranges that were not named are dropped; moments go on without them.
bool timeline_adopt_end(Timeline *timeline, Fault *fault);

#endif
