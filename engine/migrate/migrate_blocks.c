#include <string.h>

#include "migrate_parts.h"

// Contents: what the blocks are, what will be written, where they go, when there is no room.

enum { SEEN_COUNT = 256, FOUND_COUNT = 64 };

typedef struct Stretch {
    uint64_t first, end;
} Stretch;

// ---------------------------------------------------------------------------- what they consist of

// The shape of a tag and size that came before; a tag is one place in the heap.
typedef struct Seen {
    const char *type;
    uint64_t element_bytes;
    uint32_t shape;
} Seen;

static uint32_t shape_of(Migrate *migrate, const HeapBlock *block, Seen *seen)
{
    uint64_t key = ((uint64_t)(uintptr_t)block->type >> 3) * 31 + block->element_bytes;
    Seen *known = &seen[key * UINT64_C(0x9e3779b97f4a7c15) >> 56];

    if (known->type != block->type || known->element_bytes != block->element_bytes) {
        *known = (Seen){block->type, block->element_bytes,
                        migrate_shape(migrate, block->type, block->element_bytes, 0)};
    }
    return known->shape;
}

static void add_block(Migrate *migrate, const HeapBlock *found, uint32_t shape)
{
    Map *map = &migrate->map;
    uint64_t data = (uint64_t)(uintptr_t)found->data;
    uint64_t slack = found->room_bytes - found->count * found->element_bytes;

    map->blocks = migrate_grow(migrate->arena, map->blocks, map->block_count, &map->block_room,
                               sizeof(Block));
    map->blocks[map->block_count++] =
        (Block){.from = data,
                .to = data,
                .count = found->count,
                .shape = shape & 0x3fffffff,
                .slack = slack < UINT32_MAX ? (uint32_t)slack : UINT32_MAX};
    migrate->shapes[shape].blocks++;
}

// Returns how many the heap says that there are.
static uint64_t make_room(Migrate *migrate, const Heap *heap)
{
    Map *map = &migrate->map;
    uint64_t count = 0;
    uint32_t cursor = 0;

    for (const HeapType *type; (type = heap_next_type(heap, &cursor));) {
        count += type->live_count;
    }
    if (count > map->block_room && count < UINT32_MAX / 2) {
        map->block_room = (uint32_t)count + 16;
        map->blocks = ARENA_NEW(migrate->arena, Block, map->block_room);
    }
    return count;
}

static bool is_sound(const HeapBlock *block)
{
    size_t bytes;
    return !__builtin_mul_overflow(block->count, block->element_bytes, &bytes)
           && bytes <= block->room_bytes;
}

bool migrate_read_blocks(Migrate *migrate, const MigrateMemory *memory, bool *is_open)
{
    Map *map = &migrate->map;
    Seen seen[SEEN_COUNT] = {{0}};
    HeapBlock found[FOUND_COUNT], last = {0};
    bool are_sound = true;

    *is_open = false;
    map->first = (uint64_t)(uintptr_t)memory->heap;
    map->span = heap_used_bytes(memory->heap) + 1; // the end of the last block, too
    map->block_count = map->placed_count = map->moved_count = 0;
    map->placed = NULL;
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        migrate->shapes[i].blocks = 0;
    }
    uint64_t expected = make_room(migrate, memory->heap);
    for (size_t count; (count = heap_next_many(memory->heap, &last, found, FOUND_COUNT)) > 0;) {
        for (size_t i = 0; i < count; i++) {
            bool is_root = found[i].data == memory->root && migrate->root_from && migrate->root_to;
            uint32_t shape =
                is_root ? migrate_root_shape(migrate, found[i].type, found[i].element_bytes)
                        : shape_of(migrate, &found[i], seen);
            add_block(migrate, &found[i], shape);
            *is_open = *is_open || migrate->shapes[shape].is_open;
            are_sound = are_sound && is_sound(&found[i]);
        }
    }
    return are_sound && map->block_count == expected;
}

// ----------------------------------------------------------------------------------- where they go

static size_t align_of(const MigrateMemory *memory, const Block *block, const Shape *shape)
{
    bool is_root = block->from == (uint64_t)(uintptr_t)memory->root;
    size_t align = is_root && memory->root_align > shape->align ? memory->root_align : shape->align;
    return align < PAGE_BYTES ? align : PAGE_BYTES;
}

static bool stays(const MigrateMemory *memory, const Block *block, const Shape *shape)
{
    uint64_t bytes = block->count * shape->new_element_bytes;
    uint64_t room = block->count * shape->element_bytes + block->slack;

    return (shape->is_same || bytes <= room) && block->from % align_of(memory, block, shape) == 0;
}

// A kind for every shape; the root has one of its own, for its alignment.
static void list_kinds(Migrate *migrate, const MigrateMemory *memory)
{
    if (migrate->kind_room < migrate->shape_count + 1) {
        migrate->kind_room = migrate->shape_count * 2 + 16;
        migrate->kinds = ARENA_NEW(migrate->arena, HeapKind, migrate->kind_room);
    }
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        size_t align = shape->align;
        if (shape->is_root && memory->root_align > align) {
            align = memory->root_align;
        }
        align = align < PAGE_BYTES ? align : PAGE_BYTES; // what a heap gives
        migrate->kinds[i] = (HeapKind){shape->new_tag, shape->new_element_bytes, align};
    }
}

static HeapOrder *list_orders(Migrate *migrate, const MigrateMemory *memory, bool all,
                              uint32_t *count)
{
    Map *map = &migrate->map;

    *count = 0;
    for (uint32_t i = 0; i < map->block_count; i++) {
        Block *block = &map->blocks[i];
        block->is_moved = all || !stays(memory, block, &migrate->shapes[block->shape]);
        *count += block->is_moved;
    }
    if (migrate->order_room < *count) {
        migrate->order_room = *count + *count / 4;
        migrate->orders = ARENA_NEW(migrate->arena, HeapOrder, migrate->order_room);
    }
    for (uint32_t i = 0, at = 0; *count > 0 && i < map->block_count; i++) {
        const Block *block = &map->blocks[i];
        if (block->is_moved) {
            void *data = all ? NULL : (void *)(uintptr_t)block->from;
            migrate->orders[at++] = (HeapOrder){data, block->count, block->shape, 0};
        }
    }
    return migrate->orders;
}

static void take_places(Migrate *migrate, const HeapOrder *orders, uint32_t count)
{
    Map *map = &migrate->map;
    uint32_t at = 0;

    for (uint32_t i = 0; i < map->block_count; i++) {
        Block *block = &map->blocks[i];
        const Shape *shape = &migrate->shapes[block->shape];
        if (block->is_moved) {
            block->slack = orders[at].slack_bytes;
            block->to = (uint64_t)(uintptr_t)orders[at++].data;
        } else {
            uint64_t room = block->count * shape->element_bytes + block->slack;
            uint64_t slack = room - block->count * shape->new_element_bytes;
            block->slack = slack < UINT32_MAX ? (uint32_t)slack : UINT32_MAX;
        }
        block->is_fixed = block->to == block->from && shape->is_same;
    }
    map->moved_count = count;
}

// ---------------------------------------------------------------------------- what will be written

enum { HEADER_BYTES = 32, NEAR_BYTES = 2 * PAGE_BYTES, STRETCH_BYTES_MIN = 16 * PAGE_BYTES };

static void tell(const MigrateMemory *memory, const Stretch *stretch)
{
    if (stretch->end - stretch->first >= STRETCH_BYTES_MIN) {
        memory->expect(memory->expect_with, (void *)(uintptr_t)stretch->first,
                       stretch->end - stretch->first);
    }
}

static void reach(const MigrateMemory *memory, Stretch *stretch, uint64_t payload, uint64_t bytes)
{
    uint64_t first = payload - HEADER_BYTES, end = payload + bytes;

    if (first < stretch->first || first > stretch->end + NEAR_BYTES) {
        tell(memory, stretch);
        *stretch = (Stretch){first, end};
    } else if (end > stretch->end) {
        stretch->end = end;
    }
}

// Before blocks move: what they leave is given out again, so that is written as well.
static void expect_old(const Migrate *migrate, const MigrateMemory *memory)
{
    const Map *map = &migrate->map;
    Stretch stretch = {0};

    for (uint32_t i = 0; memory->expect && i < map->block_count; i++) {
        const Block *block = &map->blocks[i];
        const Shape *shape = &migrate->shapes[block->shape];
        if (!shape->is_same || block->is_moved) {
            reach(memory, &stretch, block->from, block->count * shape->element_bytes);
        }
    }
    tell(memory, &stretch);
}

static void expect_new(const Migrate *migrate, const MigrateMemory *memory)
{
    const Map *map = &migrate->map;
    Stretch stretch = {0};

    for (uint32_t i = 0; memory->expect && i < map->block_count; i++) {
        const Block *block = &map->blocks[i];
        if (block->is_moved) {
            reach(memory, &stretch, block->to,
                  block->count * migrate->shapes[block->shape].new_element_bytes);
        }
    }
    tell(memory, &stretch);
}

// --------------------------------------------------------------------------- when there is no room

static bool say_full(Migrate *migrate, const Heap *heap, Fault *fault)
{
    char list[512] = "";
    Map *map = &migrate->map;

    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        const Shape *shape = &migrate->shapes[i];
        uint64_t elements = 0;
        size_t length = strlen(list);
        for (uint32_t k = 0; k < map->block_count && !shape->is_same; k++) {
            elements += map->blocks[k].shape == i ? map->blocks[k].count : 0;
        }
        if (elements > 0 && shape->new_element_bytes > shape->element_bytes) {
            (void)text_format(list + length, sizeof list - length,
                              "%s%s (%llu of them, %llu bytes each instead of %llu)",
                              length ? ", " : "", shape->new_tag, (unsigned long long)elements,
                              (unsigned long long)shape->new_element_bytes,
                              (unsigned long long)shape->element_bytes);
        }
    }
    return fault_set(
        fault, FAULT_MEMORY,
        "the arena (%llu MiB) has no room for the new build's structs: %s. Give the game "
        "a larger .arena (or --arena SIZE) and restart it (F9), or keep the structs smaller",
        (unsigned long long)(heap_capacity_bytes(heap) >> 20), list);
}

// All blocks anew, one behind the other: there is no room that nobody can use then.
static bool rebuild(Migrate *migrate, MigrateMemory *memory, size_t used_bytes)
{
    size_t capacity = heap_capacity_bytes(memory->heap), used = heap_used_bytes(memory->heap);
    uint32_t count;
    const HeapOrder *orders = list_orders(migrate, memory, true, &count);

    memset(memory->heap, 0, used > used_bytes ? used : used_bytes);
    memory->heap = heap_init(memory->heap, capacity);
    bool has_room = heap_replace(memory->heap, migrate->kinds, migrate->orders, count);
    take_places(migrate, orders, count);
    return has_room;
}

bool migrate_place_blocks(Migrate *migrate, MigrateMemory *memory, Fault *fault)
{
    uint32_t count;

    list_kinds(migrate, memory);
    size_t used = heap_used_bytes(memory->heap);
    HeapOrder *orders = list_orders(migrate, memory, false, &count);
    expect_old(migrate, memory);
    bool has_room = count == 0 || heap_replace(memory->heap, migrate->kinds, orders, count);
    if (has_room) {
        take_places(migrate, orders, count);
    } else if (!rebuild(migrate, memory, used)) {
        return say_full(migrate, memory->heap, fault);
    }
    expect_new(migrate, memory);
    return true;
}
