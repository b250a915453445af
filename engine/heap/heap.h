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
    size_t room_bytes; // payload; what is behind the elements is nobody's
} HeapBlock;

// Lays a heap out over [memory, memory + capacity_bytes), which must read as zero, be mapped
// read-write and aligned to a page. Owner of the memory: the caller. Nothing outside that range is
// ever touched, not even when a game wrote over the bookkeeping (but for its first 12 bytes, which
// hold the size); a call that runs into such damage answers NULL or false, and heap_check then says
// what happened. NULL when the range is too small for the tables (about 90 KB); of more than 64 GiB
// the rest stays unused.
Heap *heap_init(void *memory, size_t capacity_bytes);
// Zeroed. `align` is a power of two up to a page; every block is aligned to 16 at least. NULL when
// there is no room or size * count overflows; heap_report then says who has it. The first
// HEAP_TYPES_MAX - 1 type names are told apart, later ones share "(other types)".
void *heap_alloc(Heap *heap, const char *type, size_t size_bytes, size_t align, size_t count);
// Keeps the first min(old, new) bytes, zeroes the rest; may move, and becomes of that type. NULL
// when there is no room (the old block is untouched then) or when `data` is no live block.
void *heap_resize(Heap *heap, void *data, const char *type, size_t size_bytes, size_t align,
                  size_t count);
// False when `data` is not a live allocation of this heap (double free, foreign pointer): nothing
// is changed then. NULL is fine.
bool heap_free(Heap *heap, void *data);
// Bytes from the start of the memory up to the end of the last live block: what a copy or a hash
// has to cover. Shrinks when that block is freed; nothing ever depends on what lies above.
size_t heap_used_bytes(const Heap *heap);
size_t heap_capacity_bytes(const Heap *heap);
// The block says from now on that it holds `count` elements of that type and size, which must fit
// into it as it is (heap_room_bytes). False: no live block, or they do not; nothing is changed
// then. Its bytes stay.
bool heap_retype(Heap *heap, void *data, const char *type, size_t element_bytes, size_t count);
size_t heap_room_bytes(const Heap *heap, const void *data); // payload; 0: no live block

// Many blocks at once, as migration needs it: freed and allocated by the hundred thousand.
typedef struct HeapKind {
    const char *type;
    size_t element_bytes, align;
} HeapKind;
typedef struct HeapOrder {
    void *data; // the block that is given up for it, NULL: none; becomes the new one
    size_t count;
    uint32_t kind;
    uint32_t slack_bytes; // becomes how many there are behind what was asked for
} HeapOrder;
// Frees what all the orders give up, then allocates for each in turn. It is quickest when they are
// in the order of their addresses. The payloads hold anything: the caller writes all of them, up to
// heap_room_bytes. False: no live block, or there is no room for all of them (`data` is NULL where
// there was none); the others are there.
bool heap_replace(Heap *heap, const HeapKind *kinds, HeapOrder *orders, size_t count);
// heap_retype for many: those of which it is false change nothing.
void heap_retype_many(Heap *heap, const HeapKind *kinds, const HeapOrder *orders, size_t count);
// Walks the live blocks in address order: `block` zeroed to begin with; false at the end.
bool heap_next(const Heap *heap, HeapBlock *block);
// The same for many, quicker: up to `max` of them behind `block`, which becomes the last of them.
// 0 at the end. Nothing may be allocated or freed in between.
size_t heap_next_many(const Heap *heap, HeapBlock *block, HeapBlock *out, size_t max);
// The types of which something is alive: *cursor begins as 0; NULL at the end.
const HeapType *heap_next_type(const Heap *heap, uint32_t *cursor);
// "Mob 12.0 MiB in 3, Tile 1.5 MiB in 1, ..." largest first, cut to fit.
void heap_report(const Heap *heap, char *out, size_t out_bytes);
// Checks every link and boundary; false and a reason when something wrote over the bookkeeping.
bool heap_check(const Heap *heap, Fault *fault);

#endif
