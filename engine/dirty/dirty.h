// Which pages were written since the last look. Three ways, probed at start, best first:
//
//   uffd    userfaultfd write-protect in async mode + the PAGEMAP_SCAN ioctl (Linux 6.7)
//   memfd   the memory is a private mapping of a memfd: what was written is what pagemap calls
//           anonymous (any kernel)
//   memcmp  every page is compared with its shadow (needs nothing: rr, valgrind)
//
// All of them also see what the kernel itself writes, such as read() into a buffer of the game.
// mprotect is not among them: read() into a protected page fails with EFAULT.
//
// What none of them is told of: pages taken away while they are watched (munmap, MADV_DONTNEED,
// arena_release). Unwatch first.
//
//   dirty.c        ranges, looking; memcmp      dirty_uffd.c, dirty_memfd.c    the other two
//   dirty_try.c    does it work here?           dirty_abi.h                    what headers lack
#ifndef DIRTY_H
#define DIRTY_H
#include "arena.h"

typedef enum DirtyMethod { DIRTY_BEST, DIRTY_UFFD, DIRTY_MEMFD, DIRTY_MEMCMP } DirtyMethod;

enum { DIRTY_RANGES_MAX = 1024 };

// One stretch of written pages, as addresses.
typedef struct DirtySpan {
    uintptr_t first, end;
} DirtySpan;

typedef struct Dirty Dirty;

// "uffd", "memfd", "memcmp"; and back (false: no such name; "best" is one).
const char *dirty_method_name(DirtyMethod method);
bool dirty_method_from(const char *name, DirtyMethod *method);
// Tries the methods on a page of its own, best first, and returns the first that works. `why` (may
// be NULL, 256 bytes) says for each better one why not: "uffd: needs Linux 6.7; ...", "" when none.
DirtyMethod dirty_probe(char *why, size_t why_bytes);

// Opens in `arena`. A forced method that does not work here fails FAULT_MEMORY with the reason.
Dirty *dirty_open(Arena *arena, DirtyMethod method, Fault *fault);
void dirty_close(Dirty *dirty); // what is watched stays as it is; NULL is fine
DirtyMethod dirty_method(const Dirty *dirty);

// Watches [memory, memory + bytes), whole pages, mapped readable and writable, contents kept; clean
// from now on. `shadow` is a copy that the caller keeps equal to the memory as of the last
// dirty_take (memcmp reads it; the others do not). Adjacent ranges may be watched piece by piece,
// so a range can grow. `big` allows huge pages, for memory of 256 MiB and more: then what is never
// written costs a look at one entry per 2 MiB.
bool dirty_watch(Dirty *dirty, uint8_t *memory, size_t bytes, const uint8_t *shadow, bool big,
                 Fault *fault);
// Forgets what lies in [memory, memory + bytes), before it is unmapped. It holds what it held.
void dirty_unwatch(Dirty *dirty, const uint8_t *memory, size_t bytes);
// The pages written since the last take (or watch), in address order, as spans; each is clean from
// now on. The caller has copied nothing yet: with memfd the pages stay dirty until dirty_settle.
// *spans is valid until the next call. Pages that were only written with the same bytes count
// (uffd, memfd) or not (memcmp). FAULT_MEMORY is a bug or a kernel that lied: the caller falls
// back.
bool dirty_take(Dirty *dirty, const DirtySpan **spans, size_t *count, Fault *fault);
// The pages written since the last take without making them clean: for undoing.
bool dirty_peek(Dirty *dirty, const DirtySpan **spans, size_t *count, Fault *fault);
// After a take, once the shadow is up to date: what the method needs to see the next write (memfd:
// the file gets the pages' contents and they are mapped from it again).
bool dirty_settle(Dirty *dirty, Fault *fault);
// A lot of pages of these ranges is about to be written by us (a far seek): saves a fault each.
// What follows is a dirty_take and dirty_settle; with uffd it reports the ranges as a whole.
void dirty_expect(Dirty *dirty, const uint8_t *memory, size_t bytes);

#endif
