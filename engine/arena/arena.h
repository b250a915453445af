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
void arena_release(Arena *arena);

#endif
