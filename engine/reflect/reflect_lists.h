// What everything that is read goes into: lists that grow, texts that are kept once, order.
#ifndef REFLECT_LISTS_H
#define REFLECT_LISTS_H
#include "arena.h"

// Room for one more in a list that grows; NULL: there is none.
void *reflect_grow(Arena *arena, void *list, uint32_t count, uint32_t *room, size_t item_bytes);

// Texts kept for the table's life. Equal ones are kept once: they are equal if their places are.
typedef struct TextSlot {
    uint32_t hash, bytes;
    const char *text; // NULL: free
} TextSlot;
typedef struct Texts {
    Arena *arena;
    Arena *scratch;            // for the search; NULL: the same
    const struct Texts *above; // what these have is theirs, and not kept again; NULL: none
    char *room;
    size_t left;
    TextSlot *slots;
    uint32_t text_count, slot_room;
} Texts;
enum { TEXT_BYTES_MAX = 4096 };                           // what is longer is none
const char *reflect_text(Texts *texts, const char *text); // NULL is ""

// Where to look for the entry at an offset in a table of mask + 1 places: entries beside each other
// are looked for one after the other, and so should be their places.
static inline uint32_t reflect_place_of(uint64_t at, uint32_t mask)
{
    uint64_t block = (at >> 8) * UINT64_C(0x9E3779B97F4A7C15) >> 26;

    return (uint32_t)((block & ~UINT64_C(63)) | (at >> 2 & 63)) & mask;
}

typedef struct SortKey {
    uint64_t key;
    uint32_t index;
} SortKey;
// By key; those of equal ones stay in order. `room` is for as many.
void reflect_sort(SortKey *keys, SortKey *room, uint32_t count);

#endif
