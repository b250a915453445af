// Typed allocations inside the state arena. All bookkeeping - type names, counts, free lists -
// lives in the arena as well, so a copy of its pages is a copy of everything, and the same calls
// give the same addresses in every run. Blocks lie back to back and can be walked, which is how
// reports by type (and later the inspector and migration) find what is alive.
#ifndef HEAP_H
#define HEAP_H
#include "arena.h"

#define HEAP_TYPES_MAX     1024
#define HEAP_TYPE_NAME_MAX 64

// The first thing in the state arena; see heap.c for the rest of the layout.
typedef struct Heap Heap;

typedef struct HeapType {
    char name[HEAP_TYPE_NAME_MAX];
    uint64_t live_count; // allocations, not elements
    uint64_t live_bytes; // payload
} HeapType;

// One allocation as heap_next shows it.
typedef struct HeapBlock {
    void *data;
    const char *type; // in the arena
    size_t count;     // elements
    size_t element_bytes;
} HeapBlock;

// Lays a heap out over [memory, memory + capacity_bytes), which must read as zero and be mapped
// read-write. Owner of the memory: the caller. Nothing outside that range is ever touched.
Heap *heap_init(void *memory, size_t capacity_bytes);
// Zeroed. NULL when there is no room or size * count overflows; heap_report then says who has it.
void *heap_alloc(Heap *heap, const char *type, size_t size_bytes, size_t align, size_t count);
// Keeps the first min(old, new) elements, zeroes the rest; may move. NULL when there is no room
// (the old block is untouched then) or when `data` is no live block.
void *heap_resize(Heap *heap, void *data, const char *type, size_t size_bytes, size_t align,
                  size_t count);
// False when `data` is not a live allocation of this heap (double free, foreign pointer): nothing
// is changed then. NULL is fine.
bool heap_free(Heap *heap, void *data);
// Bytes from the start of the memory up to the end of the last block ever handed out: what a copy
// or a hash has to cover.
size_t heap_used_bytes(const Heap *heap);
size_t heap_capacity_bytes(const Heap *heap);
// Walks the live blocks in address order: `block` zeroed to begin with; false at the end.
bool heap_next(const Heap *heap, HeapBlock *block);
// "Mob 12.0 MiB in 3, Tile 1.5 MiB in 1, ..." largest first, cut to fit.
void heap_report(const Heap *heap, char *out, size_t out_bytes);
// Checks every link and boundary; false and a reason when something wrote over the bookkeeping.
bool heap_check(const Heap *heap, Fault *fault);

#endif
