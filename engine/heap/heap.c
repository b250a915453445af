#include "heap.h"
#include <assert.h>
#include <inttypes.h>
#include <string.h>

// Layout of the memory: struct Heap, then blocks back to back up to `top`, then nothing yet. A
// block is a header of 32 bytes and its payload; a free one keeps its list links in the header, so
// what lies in a payload never matters. Places and sizes are counted in units of 16 bytes from the
// start of the memory: there is no pointer in the bookkeeping, and a copy elsewhere works as well.
//
// Free blocks are found by two-level segregated fit (Masmano, Ripoll, Crespo, Real: "TLSF: a new
// dynamic memory allocator for real-time systems", 2004): lists by size class, and bitmaps of those
// that are not empty. No two free blocks touch, and none touches `top`.
//
// The game shares this memory and may write over the bookkeeping. So whatever is read from it is
// checked to lie in range before it is used; heap_check finds out what happened.
//
// Contents: blocks, types, size classes and free lists, taking, giving back, the public functions,
// many at once, walking and reports, the check.

#define UNIT_BYTES   16u
#define HEADER_UNITS 2u
#define BLOCK_MIN    3u // a header and one unit, so that every payload has a place of its own
#define SECOND_BITS  4u
#define SECOND_COUNT (1u << SECOND_BITS)
#define FIRST_COUNT  (32u - SECOND_BITS + 1u)
#define PEEK_MAX     8
#define TYPE_SLOTS   (2u * HEAP_TYPES_MAX)
#define TYPE_OTHERS  (HEAP_TYPES_MAX - 1u) // shared by all types after the last one that has room
#define ALIGN_MAX    4096u
#define HEAP_MAGIC   0x3150414548304c48ull // "HL0HEAP1"

typedef enum BlockState { BLOCK_FREE = 0x4652, BLOCK_LIVE = 0x4c49 } BlockState;

typedef struct Block {
    uint32_t units;          // with the header
    uint32_t previous_units; // of the block before; 0: this is the first
    uint32_t seal;           // says that a block begins here; see seal_of
    uint16_t type;           // index; 0 when free
    uint16_t state;          // BlockState
    union {
        struct {
            uint64_t count, element_bytes;
        } live;
        struct {
            uint32_t next, previous; // in its list; 0: none
            uint64_t zero;
        } free;
    };
} Block;
_Static_assert(sizeof(Block) == HEADER_UNITS * UNIT_BYTES, "the payload follows the header");

struct Heap {
    uint64_t magic;
    uint32_t end;        // of the memory, in units
    uint32_t first;      // the first block
    uint32_t top;        // the end of the last block
    uint32_t last_units; // that block's size; 0: there is none
    uint32_t type_count;
    uint32_t first_bits; // which levels have a free block
    uint32_t second_bits[FIRST_COUNT];
    uint32_t heads[FIRST_COUNT][SECOND_COUNT];
    uint16_t type_slots[TYPE_SLOTS]; // open addressing; index + 1
    HeapType types[HEAP_TYPES_MAX];
};
_Static_assert(sizeof(Heap) % 8 == 0, "no padding at the end: it would hold whatever was there");

// --------------------------------------------------------------------------------------- blocks

// Depends on the place, so a copied block is none, and on the state, so a freed one is not live.
static uint32_t seal_of(uint32_t at, BlockState state)
{
    return at * 0x9e3779b1u ^ ((uint32_t)state << 16 | 0x5a5au);
}

static uint8_t *bytes_at(const Heap *heap, uint32_t at)
{
    return (uint8_t *)(uintptr_t)heap + (size_t)at * UNIT_BYTES;
}

// The block that begins at `at` when it is sound and in that state; else NULL.
static Block *block_at(const Heap *heap, uint32_t at, BlockState state)
{
    Block *block;

    if (at < heap->first || at >= heap->top || heap->top > heap->end
        || heap->top - at < BLOCK_MIN) {
        return NULL;
    }
    block = (Block *)(void *)bytes_at(heap, at);
    return block->seal == seal_of(at, state) && block->state == state && block->units >= BLOCK_MIN
                   && block->units <= heap->top - at && block->previous_units <= at - heap->first
               ? block
               : NULL;
}

static void write_header(Heap *heap, uint32_t at, Block block)
{
    block.seal = seal_of(at, (BlockState)block.state);
    memcpy(bytes_at(heap, at), &block, sizeof block);
}

// A block that became part of another one must not look like one any more.
static void wipe_header(Heap *heap, uint32_t at)
{
    memset(bytes_at(heap, at), 0, sizeof(Block));
}

// Tells the block that begins at `at`, or the top, how large the one before it is.
static void set_previous(Heap *heap, uint32_t at, uint32_t units)
{
    Block *block = block_at(heap, at, BLOCK_LIVE);

    if (at == heap->top) {
        heap->last_units = units;
        return;
    }
    if (!block) {
        block = block_at(heap, at, BLOCK_FREE);
    }
    if (block) {
        block->previous_units = units;
    }
}

// The live block whose payload begins at `data`, by place and by what its neighbours say; 0: none.
static uint32_t live_at(const Heap *heap, const void *data)
{
    uintptr_t offset = (uintptr_t)data - (uintptr_t)heap;
    uint32_t at;
    const Block *block;

    if ((uintptr_t)data < (uintptr_t)heap || offset % UNIT_BYTES != 0
        || offset / UNIT_BYTES >= heap->end || offset / UNIT_BYTES < HEADER_UNITS) {
        return 0;
    }
    at = (uint32_t)(offset / UNIT_BYTES) - HEADER_UNITS;
    block = block_at(heap, at, BLOCK_LIVE);
    return block && block->type < heap->type_count && block->type < HEAP_TYPES_MAX ? at : 0;
}

static size_t payload_room(uint32_t units)
{
    return (size_t)(units - HEADER_UNITS) * UNIT_BYTES;
}

// ---------------------------------------------------------------------------------------- types

static uint32_t hash_name(const char *name, size_t length)
{
    uint32_t hash = 2166136261u; // FNV-1a: part of the format, so written out

    for (size_t i = 0; i < length; i++) {
        hash = (hash ^ (uint8_t)name[i]) * 16777619u;
    }
    return hash;
}

static bool type_is(const HeapType *type, const char *name, size_t length)
{
    return strncmp(type->name, name, length) == 0 && type->name[length] == 0;
}

// The index of that type, new or known. Longer names are cut; too many of them share the last.
static uint16_t intern(Heap *heap, const char *name)
{
    size_t length;
    uint32_t slot;

    name = name ? name : "(no type)";
    length = strnlen(name, HEAP_TYPE_NAME_MAX - 1);
    slot = hash_name(name, length) % TYPE_SLOTS;
    for (uint32_t tries = 0; tries < TYPE_SLOTS && heap->type_slots[slot] != 0; tries++) {
        uint16_t index = (uint16_t)(heap->type_slots[slot] - 1u);
        if (index < HEAP_TYPES_MAX && type_is(&heap->types[index], name, length)) {
            return index;
        }
        slot = (slot + 1) % TYPE_SLOTS;
    }
    if (heap->type_count >= TYPE_OTHERS) {
        heap->type_count = HEAP_TYPES_MAX;
        memcpy(heap->types[TYPE_OTHERS].name, "(other types)", sizeof "(other types)");
        return TYPE_OTHERS;
    }
    memcpy(heap->types[heap->type_count].name, name, length);
    heap->type_slots[slot] = (uint16_t)(heap->type_count + 1u);
    return (uint16_t)heap->type_count++;
}

// ------------------------------------------------------------------- size classes and free lists

typedef struct SizeClass {
    uint32_t first, second;
} SizeClass;

// Sizes below 16 units have a list each; above, every power of two is cut into 16.
static SizeClass class_of(uint32_t units)
{
    uint32_t log;

    if (units < SECOND_COUNT) {
        return (SizeClass){0, units};
    }
    log = 31u - (uint32_t)__builtin_clz(units);
    return (SizeClass){log - SECOND_BITS + 1u,
                       (units >> (log - SECOND_BITS)) & (SECOND_COUNT - 1u)};
}

// The smallest class in which every block has at least that many units; first may then be
// FIRST_COUNT: none has.
static SizeClass class_that_holds(uint32_t units)
{
    uint64_t rounded = units;

    if (units >= SECOND_COUNT) {
        rounded += (1ull << (31u - (uint32_t)__builtin_clz(units) - SECOND_BITS)) - 1u;
    }
    return rounded > UINT32_MAX ? (SizeClass){FIRST_COUNT, 0} : class_of((uint32_t)rounded);
}

static void list_push(Heap *heap, uint32_t at, uint32_t units, uint32_t previous_units)
{
    SizeClass class = class_of(units);
    uint32_t *head = &heap->heads[class.first][class.second];
    Block *next = block_at(heap, *head, BLOCK_FREE);

    write_header(heap, at,
                 (Block){.units = units,
                         .previous_units = previous_units,
                         .state = BLOCK_FREE,
                         .free = {.next = next ? *head : 0}});
    if (next) {
        next->free.previous = at;
    }
    *head = at;
    heap->second_bits[class.first] |= 1u << class.second;
    heap->first_bits |= 1u << class.first;
}

static void list_remove(Heap *heap, uint32_t at, const Block *block)
{
    SizeClass class = class_of(block->units);
    uint32_t *head = &heap->heads[class.first][class.second];
    Block *next = block_at(heap, block->free.next, BLOCK_FREE);
    Block *previous = block_at(heap, block->free.previous, BLOCK_FREE);

    if (next) {
        next->free.previous = previous ? block->free.previous : 0;
    }
    if (previous) {
        previous->free.next = next ? block->free.next : 0;
    }
    if (*head == at) {
        *head = next ? block->free.next : 0;
    }
    if (*head == 0) {
        heap->second_bits[class.first] &= ~(1u << class.second);
    }
    if (heap->second_bits[class.first] == 0) {
        heap->first_bits &= ~(1u << class.first);
    }
}

// The head of the first list from `class` on that has one; 0: none.
static uint32_t list_first(const Heap *heap, SizeClass class)
{
    uint32_t bits;

    if (class.first >= FIRST_COUNT) {
        return 0;
    }
    bits = heap->second_bits[class.first] & (~0u << class.second) & ((1u << SECOND_COUNT) - 1u);
    if (bits == 0) {
        uint32_t levels = heap->first_bits & (uint32_t)(~1ull << class.first);
        if (levels == 0 || (uint32_t)__builtin_ctz(levels) >= FIRST_COUNT) {
            return 0;
        }
        class.first = (uint32_t)__builtin_ctz(levels);
        bits = heap->second_bits[class.first] & ((1u << SECOND_COUNT) - 1u);
    }
    return bits ? heap->heads[class.first][__builtin_ctz(bits)] : 0;
}

// --------------------------------------------------------------------------------------- taking

// What an allocation asks for.
typedef struct Want {
    size_t bytes;   // payload
    uint32_t units; // with the header
    uint32_t align; // power of two, at least UNIT_BYTES
} Want;

static bool make_want(const Heap *heap, size_t size_bytes, size_t align, size_t count, Want *want)
{
    size_t limit = heap_capacity_bytes(heap);

    if (align == 0 || align > ALIGN_MAX || (align & (align - 1)) != 0
        || __builtin_mul_overflow(size_bytes, count, &want->bytes) || want->bytes > limit) {
        return false;
    }
    want->align = align < UNIT_BYTES ? UNIT_BYTES : (uint32_t)align;
    uint64_t units = HEADER_UNITS + (want->bytes + UNIT_BYTES - 1) / UNIT_BYTES;
    want->units = units < BLOCK_MIN ? BLOCK_MIN : (uint32_t)units;
    return units <= heap->end;
}

// How many units to leave free at `at` so that the payload comes out aligned: none, or enough for a
// block.
static uint32_t gap_at(const Heap *heap, uint32_t at, uint32_t align)
{
    uintptr_t data = (uintptr_t)bytes_at(heap, at) + sizeof(Block);
    uint32_t gap = (uint32_t)(-data & (align - 1)) / UNIT_BYTES;

    while (gap != 0 && gap < BLOCK_MIN) {
        gap += align / UNIT_BYTES;
    }
    return gap;
}

static bool fits(const Heap *heap, uint32_t at, uint32_t units, const Want *want)
{
    return (uint64_t)gap_at(heap, at, want->align) + want->units <= units;
}

// The first of at most `tries` blocks of a list that fits; 0: none.
static uint32_t search_list(const Heap *heap, uint32_t at, const Want *want, uint32_t tries)
{
    const Block *block = block_at(heap, at, BLOCK_FREE);

    while (block && tries-- > 0) {
        if (fits(heap, at, block->units, want)) {
            return at;
        }
        at = block->free.next;
        block = block_at(heap, at, BLOCK_FREE);
    }
    return 0;
}

static uint32_t search_everything(const Heap *heap, const Want *want)
{
    SizeClass class = class_of(want->units);
    uint32_t at = 0, blocks_max = heap->end / BLOCK_MIN;

    for (uint32_t i = class.first * SECOND_COUNT + class.second;
         at == 0 && i < FIRST_COUNT * SECOND_COUNT; i++) {
        at = search_list(heap, heap->heads[i / SECOND_COUNT][i % SECOND_COUNT], want, blocks_max);
    }
    return at;
}

// A free block that fits. First the few newest of the exact class: what was freed and is asked for
// again. Then the smallest class where anything fits.
static uint32_t search(const Heap *heap, const Want *want)
{
    SizeClass class = class_of(want->units);
    uint64_t worst = want->units;
    uint32_t at = search_list(heap, heap->heads[class.first][class.second], want, PEEK_MAX);

    if (at) {
        return at;
    }
    if (want->align > UNIT_BYTES) {
        worst += want->align / UNIT_BYTES + BLOCK_MIN;
    }
    if (worst <= UINT32_MAX) {
        at = list_first(heap, class_that_holds((uint32_t)worst));
    }
    return search_list(heap, at, want, 1);
}

// Makes [at, at + units), which is in no list, into a gap, the wanted block and a rest. Returns the
// place of the block, whose header and payload are still to be filled.
static uint32_t carve(Heap *heap, uint32_t at, uint32_t units, uint32_t previous_units,
                      const Want *want)
{
    uint32_t gap = gap_at(heap, at, want->align), rest = units - gap - want->units;
    uint32_t end = at + units, block_units = want->units;

    if (rest < BLOCK_MIN) {
        block_units += rest;
        rest = 0;
    }
    if (gap) {
        list_push(heap, at, gap, previous_units);
        previous_units = gap;
    }
    at += gap;
    if (rest) {
        list_push(heap, end - rest, rest, block_units);
    }
    set_previous(heap, end, rest ? rest : block_units);
    write_header(
        heap, at,
        (Block){.units = block_units, .previous_units = previous_units, .state = BLOCK_LIVE});
    return at;
}

// From behind the last block; 0 when that is not enough.
static uint32_t take_top(Heap *heap, const Want *want)
{
    uint32_t at = heap->top;
    uint64_t units = (uint64_t)gap_at(heap, at, want->align) + want->units;

    if (heap->top < heap->first || heap->top > heap->end || units > heap->end - heap->top) {
        return 0;
    }
    heap->top += (uint32_t)units;
    return carve(heap, at, (uint32_t)units, heap->last_units, want);
}

static uint32_t take(Heap *heap, const Want *want)
{
    uint32_t at = search(heap, want);

    if (!at) {
        uint32_t fresh = take_top(heap, want);
        if (fresh) {
            return fresh;
        }
        at = search_everything(heap, want); // the last resort, slow only when all is nearly full
    }
    Block *block = block_at(heap, at, BLOCK_FREE);
    if (!block) {
        return 0;
    }
    Block found = *block;
    list_remove(heap, at, &found);
    wipe_header(heap, at);
    return carve(heap, at, found.units, found.previous_units, want);
}

static void count_in(Heap *heap, Block *block, uint16_t type, size_t element_bytes, size_t count)
{
    block->type = type;
    block->live.count = count;
    block->live.element_bytes = element_bytes;
    heap->types[type].live_count++;
    heap->types[type].live_bytes += element_bytes * count;
}

static void count_out(Heap *heap, const Block *block)
{
    heap->types[block->type].live_count--;
    heap->types[block->type].live_bytes -= block->live.count * block->live.element_bytes;
}

// ---------------------------------------------------------------------------------- giving back

// Frees [at, at + units), which has a header but is in no list, and joins it with free neighbours.
static void release(Heap *heap, uint32_t at, uint32_t units, uint32_t previous_units)
{
    Block *next = block_at(heap, at + units, BLOCK_FREE);
    Block *previous = previous_units ? block_at(heap, at - previous_units, BLOCK_FREE) : NULL;

    wipe_header(heap, at);
    if (next) {
        Block joined = *next;
        list_remove(heap, at + units, &joined);
        wipe_header(heap, at + units);
        units += joined.units;
    }
    if (previous && previous->units == previous_units) {
        Block joined = *previous;
        at -= previous_units;
        list_remove(heap, at, &joined);
        wipe_header(heap, at);
        units += joined.units;
        previous_units = joined.previous_units;
    }
    if (at + units == heap->top) {
        heap->top = at;
        heap->last_units = previous_units;
        return;
    }
    list_push(heap, at, units, previous_units);
    set_previous(heap, at + units, units);
}

// Makes the live block at `at` at least want->units long where it stands; false when it cannot.
static bool grow_in_place(Heap *heap, uint32_t at, Block *block, const Want *want)
{
    uint32_t end = at + block->units, more;
    Block *next = block_at(heap, end, BLOCK_FREE);

    if (want->units <= block->units) {
        return true;
    }
    more = want->units - block->units;
    if (end == heap->top) {
        if (more > heap->end - heap->top) {
            return false;
        }
        heap->top += more;
        heap->last_units = want->units;
        block->units = want->units;
        return true;
    }
    if (!next || next->units < more) {
        return false;
    }
    Block joined = *next;
    list_remove(heap, end, &joined);
    wipe_header(heap, end);
    block->units += joined.units;
    set_previous(heap, at + block->units, block->units);
    return true;
}

static void cut_rest(Heap *heap, uint32_t at, Block *block, const Want *want)
{
    uint32_t rest = block->units - want->units;

    if (rest < BLOCK_MIN) {
        return;
    }
    block->units = want->units;
    release(heap, at + want->units, rest, want->units);
}

// --------------------------------------------------------------------------- the public functions

Heap *heap_init(void *memory, size_t capacity_bytes)
{
    Heap *heap = memory;
    size_t end = capacity_bytes / UNIT_BYTES;
    size_t first = (sizeof(Heap) + UNIT_BYTES - 1) / UNIT_BYTES;

    assert((uintptr_t)memory % UNIT_BYTES == 0);
    if (end < first) {
        return NULL;
    }
    heap->magic = HEAP_MAGIC;
    heap->end = end < UINT32_MAX ? (uint32_t)end : UINT32_MAX;
    heap->first = heap->top = (uint32_t)first;
    return heap;
}

void *heap_alloc(Heap *heap, const char *type, size_t size_bytes, size_t align, size_t count)
{
    Want want;

    if (!make_want(heap, size_bytes, align, count, &want)) {
        return NULL;
    }
    Block *block = block_at(heap, take(heap, &want), BLOCK_LIVE);
    if (!block) {
        return NULL;
    }
    void *data = block + 1;
    // Not only the bytes asked for: the few behind them shall be the same in every run, too. And
    // not left out above the highest top so far: a restored snapshot knows nothing of what is
    // there.
    memset(data, 0, payload_room(block->units));
    count_in(heap, block, intern(heap, type), size_bytes, count);
    return data;
}

static void *move(Heap *heap, Block *old, const char *type, size_t size_bytes, size_t align,
                  size_t count)
{
    size_t old_bytes = old->live.count * old->live.element_bytes, room = payload_room(old->units);
    size_t kept = size_bytes * count;
    void *data = heap_alloc(heap, type, size_bytes, align, count);

    if (data) {
        kept = kept < old_bytes ? kept : old_bytes;
        memcpy(data, old + 1, kept < room ? kept : room);
        heap_free(heap, old + 1);
    }
    return data;
}

void *heap_resize(Heap *heap, void *data, const char *type, size_t size_bytes, size_t align,
                  size_t count)
{
    Want want;
    uint32_t at = data ? live_at(heap, data) : 0;
    size_t kept;

    if (!data) {
        return heap_alloc(heap, type, size_bytes, align, count);
    }
    if (!at || !make_want(heap, size_bytes, align, count, &want)) {
        return NULL;
    }
    Block *block = block_at(heap, at, BLOCK_LIVE);
    if ((uintptr_t)data % want.align != 0 || !grow_in_place(heap, at, block, &want)) {
        return move(heap, block, type, size_bytes, align, count);
    }
    kept = block->live.count * block->live.element_bytes;
    kept = kept < want.bytes ? kept : want.bytes;
    count_out(heap, block);
    cut_rest(heap, at, block, &want);
    memset((uint8_t *)data + kept, 0, payload_room(block->units) - kept);
    count_in(heap, block, intern(heap, type), size_bytes, count);
    return data;
}

bool heap_free(Heap *heap, void *data)
{
    uint32_t at = data ? live_at(heap, data) : 0;

    if (!data || !at) {
        return !data;
    }
    const Block *block = block_at(heap, at, BLOCK_LIVE);
    count_out(heap, block);
    release(heap, at, block->units, block->previous_units);
    return true;
}

size_t heap_used_bytes(const Heap *heap)
{
    return (size_t)(heap->top < heap->end ? heap->top : heap->end) * UNIT_BYTES;
}

size_t heap_capacity_bytes(const Heap *heap)
{
    return (size_t)heap->end * UNIT_BYTES;
}

// The live block, if so much fits into it.
static Block *block_for(const Heap *heap, const void *data, size_t element_bytes, size_t count)
{
    uint32_t at = live_at(heap, data);
    Block *block = (Block *)(void *)bytes_at(heap, at);
    size_t bytes;

    return at && !__builtin_mul_overflow(element_bytes, count, &bytes)
                   && bytes <= payload_room(block->units)
               ? block
               : NULL;
}

bool heap_retype(Heap *heap, void *data, const char *type, size_t element_bytes, size_t count)
{
    Block *block = block_for(heap, data, element_bytes, count);

    if (!block) {
        return false;
    }
    count_out(heap, block);
    count_in(heap, block, intern(heap, type), element_bytes, count);
    return true;
}

size_t heap_room_bytes(const Heap *heap, const void *data)
{
    uint32_t at = live_at(heap, data);
    const Block *block = at ? block_at(heap, at, BLOCK_LIVE) : NULL;

    return block ? payload_room(block->units) : 0;
}

// ---------------------------------------------------------------------------------- many at once

// Blocks that lie back to back are given back as one, which saves joining them one by one.
typedef struct Run {
    uint32_t at, units, previous_units;
} Run;

static void close_run(Heap *heap, Run *run)
{
    if (run->units) {
        release(heap, run->at, run->units, run->previous_units);
    }
    *run = (Run){0};
}

static bool free_many(Heap *heap, const HeapOrder *orders, size_t count)
{
    Run run = {0};
    bool all_live = true;

    for (size_t i = 0; i < count; i++) {
        uint32_t at = orders[i].data ? live_at(heap, orders[i].data) : 0;
        if (!at) {
            all_live = all_live && !orders[i].data;
            continue;
        }
        const Block *block = block_at(heap, at, BLOCK_LIVE);
        uint32_t units = block->units;
        count_out(heap, block);
        if (run.units && at == run.at + run.units) {
            wipe_header(heap, at);
            run.units += units;
        } else {
            Run next = {at, units, block->previous_units};
            if (run.units && at + units == run.at) { // it is about to be another's neighbour
                next.units += run.units;
                wipe_header(heap, run.at);
            } else {
                close_run(heap, &run);
                next.previous_units = block->previous_units; // closing may have joined it
            }
            run = next;
        }
    }
    close_run(heap, &run);
    return all_live;
}

// A free stretch that blocks are cut from the front of; it is in no list meanwhile.
static void open_stretch(Heap *heap, uint32_t at, Run *stretch)
{
    Block found = *block_at(heap, at, BLOCK_FREE);

    list_remove(heap, at, &found);
    wipe_header(heap, at);
    *stretch = (Run){at, found.units, found.previous_units};
}

static void close_stretch(Heap *heap, Run *stretch)
{
    if (stretch->at && stretch->units) {
        list_push(heap, stretch->at, stretch->units, stretch->previous_units);
        set_previous(heap, stretch->at + stretch->units, stretch->units);
    } else if (stretch->at) {
        set_previous(heap, stretch->at, stretch->previous_units);
    }
    *stretch = (Run){0};
}

// The block's place, whose header is there already; the stretch must have room for it.
static uint32_t cut_from(Heap *heap, Run *stretch, const Want *want)
{
    uint32_t gap = gap_at(heap, stretch->at, want->align), units = want->units;
    uint32_t at = stretch->at + gap, rest = stretch->units - gap - units;

    if (gap) {
        list_push(heap, stretch->at, gap, stretch->previous_units);
        stretch->previous_units = gap;
    }
    if (rest < BLOCK_MIN) {
        units += rest;
        rest = 0;
    }
    write_header(
        heap, at,
        (Block){.units = units, .previous_units = stretch->previous_units, .state = BLOCK_LIVE});
    *stretch = (Run){at + units, rest, units};
    return at;
}

static uint32_t take_from(Heap *heap, Run *stretch, const Want *want)
{
    if (!stretch->units || !fits(heap, stretch->at, stretch->units, want)) {
        close_stretch(heap, stretch);
        uint32_t at = search(heap, want);
        if (!at) {
            uint32_t fresh = take_top(heap, want);
            if (fresh) {
                return fresh;
            }
            at = search_everything(heap, want);
        }
        if (!block_at(heap, at, BLOCK_FREE)) {
            return 0;
        }
        open_stretch(heap, at, stretch);
    }
    return cut_from(heap, stretch, want);
}

bool heap_replace(Heap *heap, const HeapKind *kinds, HeapOrder *orders, size_t count)
{
    Run stretch = {0};
    uint32_t kind = UINT32_MAX;
    uint16_t type = 0;
    bool has_room = free_many(heap, orders, count);

    for (size_t i = 0; i < count; i++) {
        HeapOrder *order = &orders[i];
        const HeapKind *of = &kinds[order->kind];
        Want want;
        bool is_sane = make_want(heap, of->element_bytes, of->align, order->count, &want);
        uint32_t at = is_sane ? take_from(heap, &stretch, &want) : 0;
        order->data = NULL;
        if (!at) {
            has_room = false;
            continue;
        }
        if (order->kind != kind) {
            kind = order->kind;
            type = intern(heap, of->type);
        }
        Block *block = (Block *)(void *)bytes_at(heap, at);
        count_in(heap, block, type, of->element_bytes, order->count);
        order->data = block + 1;
        order->slack_bytes = (uint32_t)(payload_room(block->units) - want.bytes);
    }
    close_stretch(heap, &stretch);
    return has_room;
}

void heap_retype_many(Heap *heap, const HeapKind *kinds, const HeapOrder *orders, size_t count)
{
    uint32_t kind = UINT32_MAX;
    uint16_t type = 0;

    for (size_t i = 0; i < count; i++) {
        const HeapKind *of = &kinds[orders[i].kind];
        Block *block = block_for(heap, orders[i].data, of->element_bytes, orders[i].count);
        if (!block) {
            continue;
        }
        if (orders[i].kind != kind) {
            kind = orders[i].kind;
            type = intern(heap, of->type);
        }
        count_out(heap, block);
        count_in(heap, block, type, of->element_bytes, orders[i].count);
    }
}

// --------------------------------------------------------------------------- walking and reports

// The place behind the block, or of the first one.
static uint32_t place_behind(const Heap *heap, const HeapBlock *block)
{
    if (!block->data) {
        return heap->first;
    }
    uint32_t at = live_at(heap, block->data);
    const Block *old = block_at(heap, at, BLOCK_LIVE);
    return old ? at + old->units : heap->top;
}

// The live block at *at or behind; false: there is none. *at becomes the place behind it.
static bool show_next(const Heap *heap, uint32_t *at, HeapBlock *block)
{
    const Block *live = block_at(heap, *at, BLOCK_LIVE);

    for (const Block *free; !live && (free = block_at(heap, *at, BLOCK_FREE));) {
        *at += free->units;
        live = block_at(heap, *at, BLOCK_LIVE);
    }
    if (!live || live->type >= HEAP_TYPES_MAX) {
        return false;
    }
    *at += live->units;
    *block = (HeapBlock){(void *)(uintptr_t)(live + 1), heap->types[live->type].name,
                         live->live.count, live->live.element_bytes, payload_room(live->units)};
    return true;
}

bool heap_next(const Heap *heap, HeapBlock *block)
{
    uint32_t at = place_behind(heap, block);

    if (!show_next(heap, &at, block)) {
        *block = (HeapBlock){0};
        return false;
    }
    return true;
}

size_t heap_next_many(const Heap *heap, HeapBlock *block, HeapBlock *out, size_t max)
{
    uint32_t at = place_behind(heap, block);
    size_t count = 0;

    while (count < max && show_next(heap, &at, &out[count])) {
        count++;
    }
    *block = count ? out[count - 1] : (HeapBlock){0};
    return count;
}

static void size_words(char *out, size_t out_bytes, uint64_t size_bytes)
{
    static const char *const units[] = {"KiB", "MiB", "GiB"};
    double value = (double)size_bytes / 1024.0;
    size_t unit = 0;

    if (size_bytes < 1024) {
        text_format(out, out_bytes, "%" PRIu64 " B", size_bytes);
        return;
    }
    while (value >= 1024.0 && unit + 1 < COUNT_OF(units)) {
        value /= 1024.0;
        unit++;
    }
    text_format(out, out_bytes, "%.1f %s", value, units[unit]);
}

// The type that comes after `last` in a list of falling sizes; NULL: that was all.
const HeapType *heap_next_type(const Heap *heap, uint32_t *cursor)
{
    while (*cursor < HEAP_TYPES_MAX && *cursor < heap->type_count) {
        const HeapType *type = &heap->types[(*cursor)++];
        if (type->live_count > 0) {
            return type;
        }
    }
    return NULL;
}

static const HeapType *next_by_size(const Heap *heap, const HeapType *last)
{
    const HeapType *best = NULL;

    for (uint32_t i = 0; i < heap->type_count && i < HEAP_TYPES_MAX; i++) {
        const HeapType *type = &heap->types[i];
        bool later = !last || type->live_bytes < last->live_bytes
                     || (type->live_bytes == last->live_bytes && type > last);
        if (type->live_count > 0 && later && (!best || type->live_bytes > best->live_bytes)) {
            best = type;
        }
    }
    return best;
}

void heap_report(const Heap *heap, char *out, size_t out_bytes)
{
    static const char more[] = ", ...";
    size_t used = 0;
    const HeapType *type = next_by_size(heap, NULL);

    text_format(out, out_bytes, "%s", type ? "" : "nothing");
    while (type) {
        char entry[HEAP_TYPE_NAME_MAX + 64], size[32];
        size_words(size, sizeof size, type->live_bytes);
        text_format(entry, sizeof entry, "%s%s %s in %" PRIu64, used ? ", " : "", type->name, size,
                    type->live_count);
        type = next_by_size(heap, type);
        if (used + strlen(entry) + (type ? sizeof more : 1) > out_bytes) {
            text_format(out + used, out_bytes - used, "%s", used ? more : entry);
            return;
        }
        memcpy(out + used, entry, strlen(entry) + 1);
        used += strlen(entry);
    }
}

// ------------------------------------------------------------------------------------- the check

// What one walk over all blocks adds up to, to be compared with what the heap says.
typedef struct Census {
    uint64_t free_blocks;
    uint64_t live_count[HEAP_TYPES_MAX], live_bytes[HEAP_TYPES_MAX];
} Census;

static bool damaged(Fault *fault, const char *what)
{
    return fault_set(fault, FAULT_GAME,
                     "the bookkeeping of the game's memory was overwritten: %s. Look for writes "
                     "beyond the ends of arrays; going back to an earlier tick repairs it",
                     what);
}

// Names the block before the damage: its owner most likely wrote too far.
static bool damaged_after(const Heap *heap, Fault *fault, uint32_t at, uint32_t last)
{
    const Block *block = block_at(heap, last, BLOCK_LIVE);
    char text[256];

    if (!block || block->type >= HEAP_TYPES_MAX) {
        text_format(text, sizeof text, "block at %p", (void *)bytes_at(heap, at));
    } else {
        text_format(text, sizeof text, "block at %p, behind %s[%" PRIu64 "] at %p",
                    (void *)bytes_at(heap, at), heap->types[block->type].name, block->live.count,
                    (const void *)(block + 1));
    }
    return damaged(fault, text);
}

static bool live_is_sound(const Heap *heap, const Block *block, Census *census)
{
    uint64_t bytes;

    if (block->type >= heap->type_count
        || __builtin_mul_overflow(block->live.count, block->live.element_bytes, &bytes)
        || bytes > payload_room(block->units)) {
        return false;
    }
    census->live_count[block->type]++;
    census->live_bytes[block->type] += bytes;
    return true;
}

static bool check_blocks(const Heap *heap, Census *census, Fault *fault)
{
    uint32_t at = heap->first, last = 0, previous_units = 0;
    bool last_free = false;

    while (at != heap->top) {
        const Block *live = block_at(heap, at, BLOCK_LIVE);
        const Block *free = block_at(heap, at, BLOCK_FREE);
        const Block *block = live ? live : free;
        if (!block || block->previous_units != previous_units || (free && last_free)
            || (live && !live_is_sound(heap, live, census))) {
            return damaged_after(heap, fault, at, last);
        }
        census->free_blocks += free != NULL;
        last_free = free != NULL;
        last = at;
        previous_units = block->units;
        at += block->units;
    }
    return (heap->last_units == previous_units && !last_free)
           || damaged_after(heap, fault, at, last);
}

// Walks one list; counts its blocks down from *left.
static bool check_list(const Heap *heap, SizeClass class, uint64_t *left)
{
    uint32_t at = heap->heads[class.first][class.second], previous = 0;
    bool marked = (heap->second_bits[class.first] >> class.second & 1u) != 0;

    if (marked != (at != 0)) {
        return false;
    }
    while (at) {
        const Block *block = block_at(heap, at, BLOCK_FREE);
        if (!block || *left == 0 || block->free.previous != previous || block->free.zero != 0) {
            return false;
        }
        SizeClass real = class_of(block->units);
        if (real.first != class.first || real.second != class.second) {
            return false;
        }
        (*left)--;
        previous = at;
        at = block->free.next;
    }
    return true;
}

static bool check_lists(const Heap *heap, uint64_t free_blocks, Fault *fault)
{
    for (uint32_t i = 0; i < FIRST_COUNT * SECOND_COUNT; i++) {
        SizeClass class = {i / SECOND_COUNT, i % SECOND_COUNT};
        bool marked = (heap->first_bits >> class.first & 1u) != 0;
        if (marked != (heap->second_bits[class.first] != 0)
            || !check_list(heap, class, &free_blocks)) {
            return damaged(fault, "the lists of free blocks");
        }
    }
    return free_blocks == 0 || damaged(fault, "the lists of free blocks");
}

static bool check_types(const Heap *heap, const Census *census, Fault *fault)
{
    for (uint32_t i = 0; i < HEAP_TYPES_MAX; i++) {
        const HeapType *type = &heap->types[i];
        if (type->live_count != census->live_count[i] || type->live_bytes != census->live_bytes[i]
            || !memchr(type->name, 0, sizeof type->name)) {
            return damaged(fault, "the table of types");
        }
    }
    return true;
}

bool heap_check(const Heap *heap, Fault *fault)
{
    Census census = {0};

    if (heap->magic != HEAP_MAGIC || heap->first != (sizeof(Heap) + UNIT_BYTES - 1) / UNIT_BYTES
        || heap->top < heap->first || heap->top > heap->end || heap->type_count > HEAP_TYPES_MAX) {
        return damaged(fault, "its very first bytes");
    }
    return check_blocks(heap, &census, fault) && check_lists(heap, census.free_blocks, fault)
           && check_types(heap, &census, fault);
}
