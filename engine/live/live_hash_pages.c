// A page of the state as it counts. Of the heap's payloads the bits that their types say; of what
// lies between - given back, or behind a block's last element - nothing: a compiler's padding may
// be there still. The heap's own bookkeeping counts as it is; it is the same in all builds.
//
// A page can be counted alone, but for the block that lies across its first byte: that one's header
// is further down. So each page remembers what that was (`cover`), and when a page says something
// else about its successor than that one remembers, the successor is counted again.
#include "live_hash_parts.h"

enum {
    HEADER_BYTES = 32,         // of a block, before its payload: see heap.c
    UNIT_BYTES = 16,           // what blocks begin at a multiple of
    REST_MAX = 4 * UNIT_BYTES, // behind the last block's elements, unless the heap is damaged
    BEFORE_NOTHING = 1         // HashPage.before: look from the first block on; 0: not known
};

enum { COVER_NOTHING = 0, COVER_DAMAGE = 1 }; // else a hash of the block, and 2

bool hash_blocks_open(HashBlocks *blocks, Fault *fault)
{
    Arena arena;
    if (!arena_open(&arena, 0, 1u << 20, fault)) {
        return false;
    }
    // An empty heap, to know where the first block begins in any.
    const Heap *heap = heap_init(arena_push(&arena, 1, PAGE_BYTES, 1u << 20), 1u << 20);
    blocks->head_bytes = heap_used_bytes(heap);
    arena_close(&arena);
    return true;
}

void hash_blocks_forget(HashBlocks *blocks)
{
    memset(blocks->tags, 0, sizeof(blocks->tags));
}

void hash_blocks_look(HashBlocks *blocks, const LiveView *view)
{
    HashHeap *heap = &blocks->heap;
    size_t heap_at = host_heap_offset();
    heap->memory = view->page(view->with, 0);
    heap->used_bytes = live_used_bytes(view);
    heap->head_end = heap_at + blocks->head_bytes;
    heap->heap = (const Heap *)(const void *)(heap->memory + heap_at);
    size_t last = (heap->used_bytes - 1) / PAGE_BYTES;
    heap->is_whole = view->page(view->with, (uint32_t)last) == heap->memory + last * PAGE_BYTES;
}

// ------------------------------------------------------------------------------------------ blocks

static size_t place_of(const HashHeap *heap, const HeapBlock *block)
{
    return (size_t)((const uint8_t *)block->data - heap->memory);
}

static bool begins_before(const HashHeap *heap, const HeapBlock *block, size_t at)
{
    return place_of(heap, block) - HEADER_BYTES < at;
}

static size_t end_of(const HashHeap *heap, const HeapBlock *block)
{
    return place_of(heap, block) + block->count * block->element_bytes;
}

static HeapBlock behind(const HashHeap *heap, uint32_t before)
{
    uint8_t *data = (uint8_t *)(uintptr_t)heap->memory + (size_t)before * UNIT_BYTES;
    return (HeapBlock){.data = before > BEFORE_NOTHING ? data : NULL};
}

// The last block that begins before `first`, the page's first byte. False: there is none.
// What is remembered of each page is the block before that one (`before`, in units): from there the
// heap's walk leads to it, and if that one is gone, or nothing follows it before the page any more,
// what earlier pages remember.
static bool find_cover(const HashHeap *heap, HashPage *pages, uint32_t page, size_t first,
                       HeapBlock *block)
{
    uint32_t from = page, before = pages[page].before;
    for (;;) {
        *block = behind(heap, before);
        if (before != 0 && heap_next(heap->heap, block) && begins_before(heap, block, first)) {
            break;
        }
        if (before == BEFORE_NOTHING || from == 0) {
            *block = (HeapBlock){0};
            before = BEFORE_NOTHING;
            if (heap_next(heap->heap, block) && begins_before(heap, block, first)) {
                break;
            }
            pages[page].before = BEFORE_NOTHING;
            *block = (HeapBlock){0};
            return false;
        }
        before = pages[--from].before;
    }
    for (HeapBlock next = *block;
         heap_next(heap->heap, &next) && begins_before(heap, &next, first);) {
        before = (uint32_t)(place_of(heap, block) / UNIT_BYTES);
        *block = next;
    }
    pages[page].before = before;
    return true;
}

static const HashTag *tag_of(HashBlocks *blocks, HashTypes *types, const HeapBlock *block)
{
    uint32_t at = (uint32_t)((const uint8_t *)block->type - blocks->heap.memory);
    uint64_t hash = (at ^ block->element_bytes << 32) * UINT64_C(0x9e3779b97f4a7c15);
    HashTag *tag = &blocks->tags[hash >> 55];
    if (tag->at != at || tag->element_bytes != block->element_bytes
        || memcmp(tag->name, block->type, sizeof(tag->name)) != 0) {
        *tag = (HashTag){.at = at, .element_bytes = block->element_bytes};
        memcpy(tag->name, block->type, sizeof(tag->name) - 1);
        tag->kind = hash_kind_of_tag(types, tag->name, block->element_bytes);
        tag->is_plain = hash_kind_is_plain(types, &tag->kind);
        tag->pattern = hash_kind_pattern(types, &tag->kind);
    }
    return tag;
}

// --------------------------------------------------------------------------------------------
// pages

// A page on its way to what counts of it.
typedef struct Walk {
    HashBlocks *blocks;
    HashTypes *types;
    const HashWindow *window;
    size_t first, end;  // of the page
    HeapBlock last;     // the last block that begins before here
    bool has_last;      // there is one
    bool is_last_block; // of all
    const HashTag *tag; // of the type at
    const char *tag_of; // this place
} Walk;

static size_t last_end(const Walk *walk)
{
    const HashHeap *heap = &walk->blocks->heap;
    return walk->has_last ? end_of(heap, &walk->last) : heap->head_end;
}

// The walk ended before the heap does: somebody wrote over a header. What follows counts as it is.
static bool is_damaged(const Walk *walk)
{
    return walk->is_last_block && walk->blocks->heap.used_bytes > last_end(walk) + REST_MAX;
}

// Of what lies across the place `at`, before which `last` is the last block.
static uint32_t cover_at(const Walk *walk, size_t at)
{
    const HeapBlock *block = &walk->last;
    if (!walk->has_last || last_end(walk) <= at) {
        return is_damaged(walk) ? COVER_DAMAGE : COVER_NOTHING;
    }
    uint64_t hash = hash_combine(place_of(&walk->blocks->heap, block), block->count);
    hash = hash_combine(hash, block->element_bytes);
    hash = hash_combine(hash, hash_bytes(block->type, strnlen(block->type, HEAP_TYPE_NAME_MAX)));
    return (uint32_t)hash | 2;
}

// The tag of the block, most often that of the one before.
static const HashTag *next_tag(Walk *walk, const HeapBlock *block)
{
    if (walk->tag_of != block->type || walk->tag->element_bytes != block->element_bytes) {
        walk->tag = tag_of(walk->blocks, walk->types, block);
        walk->tag_of = block->type;
    }
    return walk->tag;
}

// A small object among the dozens of a page. False: it is not that simple.
static inline bool put_small(Walk *walk, const HeapBlock *block)
{
    size_t at = place_of(&walk->blocks->heap, block) - walk->first;
    size_t bytes = block->count * block->element_bytes;
    if (at - HEADER_BYTES > PAGE_BYTES - HEADER_BYTES || bytes > PAGE_BYTES - at
        || walk->tag_of != block->type || walk->tag->element_bytes != block->element_bytes
        || !walk->tag->pattern) {
        return false;
    }
    const uint8_t *in = walk->window->in + at;
    uint8_t *out = walk->window->out + at;
    memcpy(out - HEADER_BYTES, in - HEADER_BYTES, HEADER_BYTES);
    hash_add_bits(out, in, walk->tag->pattern, bytes);
    return true;
}

static void put_block(Walk *walk, const HeapBlock *block)
{
    const HashWindow *window = walk->window;
    int64_t at = (int64_t)place_of(&walk->blocks->heap, block) - (int64_t)walk->first;
    hash_put_bytes(window, at - HEADER_BYTES, HEADER_BYTES);
    if (at >= (int64_t)window->bytes) {
        return; // only its header begins here
    }
    const HashTag *tag = next_tag(walk, block);
    if (tag->is_plain) {
        hash_put_bytes(window, at, block->count * block->element_bytes);
    } else {
        hash_put(walk->types, &tag->kind, block->element_bytes, block->count, window, at);
    }
}

static bool is_all_of_it(Walk *walk)
{
    return walk->has_last && place_of(&walk->blocks->heap, &walk->last) <= walk->first
           && last_end(walk) >= walk->end && next_tag(walk, &walk->last)->is_plain;
}

// All blocks that begin in the page; `last` becomes the last of them.
static void put_blocks(Walk *walk)
{
    const HashHeap *heap = &walk->blocks->heap;
    HeapBlock next = walk->last;
    while (heap_next(heap->heap, &next)) {
        if (!begins_before(heap, &next, walk->end)) {
            return;
        }
        if (!put_small(walk, &next)) {
            put_block(walk, &next);
        }
        walk->last = next;
        walk->has_last = true;
    }
    walk->is_last_block = true;
}

// What the heap's walk does not reach, though it is in use.
static void put_damaged(const Walk *walk)
{
    size_t from = last_end(walk), used = walk->blocks->heap.used_bytes;
    if (is_damaged(walk)) {
        hash_put_bytes(walk->window, (int64_t)from - (int64_t)walk->first, used - from);
    }
}

const uint8_t *hash_page_fields(HashBlocks *blocks, HashTypes *types, HashPage *pages,
                                uint32_t page, const HashWindow *window, uint32_t *next_cover)
{
    const HashHeap *heap = &blocks->heap;
    size_t first = (size_t)page * PAGE_BYTES, end = first + PAGE_BYTES;
    Walk walk = {.blocks = blocks, .types = types, .window = window, .first = first, .end = end};
    pages[page].cover = *next_cover = COVER_NOTHING;
    if (end <= heap->head_end || !heap->is_whole) {
        return window->in;
    }
    walk.has_last = find_cover(heap, pages, page, first, &walk.last);
    if (is_all_of_it(&walk)) {
        pages[page].cover = cover_at(&walk, first);
        *next_cover = cover_at(&walk, end);
        return window->in;
    }
    memset(window->out, 0, window->bytes);
    if (first < heap->head_end) {
        hash_put_bytes(window, 0, heap->head_end - first);
    }
    Walk cover = walk;
    if (walk.has_last) {
        put_block(&walk, &walk.last);
    }
    put_blocks(&walk);
    put_damaged(&walk);
    bool is_alone = walk.is_last_block && walk.last.data == cover.last.data;
    cover.is_last_block = is_alone;
    pages[page].cover = cover_at(&cover, first);
    *next_cover = cover_at(&walk, end);
    return window->out;
}
