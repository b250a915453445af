// A reserved address range filled from the front; it never moves. Game state lives in one at a
// fixed address, so a pointer stored in state is still right after a reload, a rewind or a replay
// in another process. Everything else the engine allocates comes from one, too: arena.c is the only
// file that asks the system for memory.
#ifndef ARENA_H
#define ARENA_H
#include "base.h"

// Where game state lives. Measured free up to 64 GiB in plain, ASan, TSan, MSan and valgrind runs
// on x86-64 Linux (0x200000000000 aborts under TSan).
#define ARENA_STATE_ADDRESS 0x550000000000ull
#define ARENA_STATE_MAX     (64ull << 30)
#define PAGE_BYTES          4096u

typedef struct Arena {
    uint8_t *base;        // first byte; fixed for the life of the arena
    size_t used_bytes;    // everything below is live
    size_t ready_bytes;   // readable and writable; grows in whole pages
    size_t touched_bytes; // handed out at some time: what lies above still reads as zero
    size_t reserve_bytes; // address space held; never grows
    bool is_shared;       // its pages are those of a memory file
} Arena;

// Reserves `reserve_bytes` (rounded up to pages) at `address` (page-aligned; 0 lets the kernel
// choose). Costs no memory until pushed. Owner: the caller; give it back with arena_close.
// Fails (FAULT_MEMORY) when the range is taken or the system refuses. *arena is zeroed then.
// Source: mmap(2), MAP_FIXED_NOREPLACE (Linux 4.17).
bool arena_open(Arena *arena, uintptr_t address, size_t reserve_bytes, Fault *fault);
// Accepts a zeroed arena.
void arena_close(Arena *arena);

// Zeroed room for `count` objects; valid until the arena is reset or closed. Never NULL: running
// out of reserved address space is a sizing mistake and stops the program with a message.
void *arena_push(Arena *arena, size_t size_bytes, size_t align, size_t count);
#define ARENA_NEW(arena, T, count) ((T *)arena_push((arena), sizeof(T), _Alignof(T), (count)))
// NULL instead of stopping, for sizes that come from outside (files, games).
void *arena_try_push(Arena *arena, size_t size_bytes, size_t align, size_t count);
char *arena_format(Arena *arena, const char *format, ...) BASE_PRINTF(2, 3);
char *arena_copy_text(Arena *arena, const char *text);

// Forgets everything above `used_bytes` (0: everything). The memory stays readable and is zeroed
// when it is pushed again.
void arena_reset(Arena *arena, size_t used_bytes);
// Gives the pages back to the system; the range stays reserved and reads as zero once pushed again.
// Not while its memory is watched (dirty.h): a page that goes away is not a page that was written,
// and behind a mapping of a file are the file's contents.
void arena_release(Arena *arena);

// Memory for a stack of `stack_bytes`, all of it pushed, with `gap_bytes` of address space before
// and behind it that nothing can be written to: too deep a recursion and a local array written over
// its end fault there. *first: its lowest byte, at a multiple of 2 MiB so that
// huge pages fit. Whole pages.
bool arena_open_stack(Arena *arena, size_t stack_bytes, size_t gap_bytes, uint8_t **first,
                      Fault *fault);

// An arena whose pages are those of a memory file (*fd: the caller's, close-on-exec, of
// `reserve_bytes` for good, which cost memory only where something is written). What is in it
// outlives the process as long as anybody holds the file. A new one ...
// Source: memfd_create(2), fcntl(2) F_ADD_SEALS.
bool arena_open_shared(Arena *arena, const char *name, size_t reserve_bytes, int *fd, Fault *fault);
// ... and one that is there: all of it, without anything being changed. Nothing counts as pushed.
bool arena_open_file(Arena *arena, int fd, bool writable, Fault *fault);

// ------------------------------------------------- memory that is there already, whole pages of it
// For following what is written to it (dirty) and for a library's globals (gamelib). The memory may
// be part of an arena or not; it stays readable and writable, and its owner stays who it was. On
// failure (FAULT_MEMORY) it is as it was before.

// The same contents in anonymous memory of our own, in place of whatever is mapped there: of a
// file, of a library. In one step, so other threads may read meanwhile, but not write. Pages of
// nothing but zeroes take no memory. Source: mremap(2), MREMAP_FIXED.
bool arena_make_anonymous(void *memory, size_t size_bytes, Fault *fault);
// A private mapping of the file from `offset` (whole pages) on: its contents are the file's, and
// what is written stays in memory. Write the contents to the file first to keep them.
bool arena_map_file(void *memory, size_t size_bytes, int fd, uint64_t offset, Fault *fault);

// Memory that its owner made read-only (the loader, a library's import table) becomes writable and
// read-only again. Source: mprotect(2).
bool arena_set_writable(void *memory, size_t size_bytes, bool writable, Fault *fault);

typedef enum ArenaAdvice {
    ARENA_SMALL_PAGES, // the kernel is not to make huge pages of it
    ARENA_HUGE_PAGES,  // it may
    ARENA_FILL,        // all of it is about to be written: not a fault for each page
    ARENA_DROP,        // forget the contents: they are zero, or the file's, again
    ARENA_DROP_SHARED  // of a shared arena: zero for whoever maps it
} ArenaAdvice;
// False: this kernel does not take the advice; nothing has changed. Source: madvise(2).
bool arena_advise(void *memory, size_t size_bytes, ArenaAdvice advice);

#endif
