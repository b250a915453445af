#include <string.h>

#include "migrate_parts.h"

// Blocks taken apart into elements, which wait in lanes by shape until there are enough of them.
//
// Contents: carrying out lanes, what blocks say, blocks, all of them.

enum { BUFFER_BYTES = 1 << 14, RETYPE_COUNT = 64 };
enum { AHEAD = 48 }; // elements, or blocks of one, that are on their way from memory meanwhile

// Blocks that stay where they are and become something else are told so some at a time, soon after
// they were read.
typedef struct Retyping {
    Heap *heap;
    const HeapKind *kinds;
    HeapOrder orders[RETYPE_COUNT];
    size_t count;
} Retyping;

// ------------------------------------------------------------------------------ carrying out lanes

static void run_tails(Run *run, const Shape *shape, const Lanes *lanes)
{
    const Program *tail = shape->tail;
    const Op *ops = shape->is_same ? tail->pointers : tail->ops;
    uint32_t count = shape->is_same ? tail->pointer_count : tail->op_count;

    for (uint64_t i = shape->tail_skip; i < shape->tail_count; i++) {
        migrate_run_ops(run, tail, ops, count, lanes, shape->tail_at + i * tail->from_bytes,
                        shape->tail_at_new + i * tail->to_bytes);
    }
}

static bool is_equal(const uint8_t *a, const uint8_t *b, uint64_t count)
{
    uint64_t at = 0, differ = 0;

    for (; at + 8 <= count && differ == 0; at += 8) {
        uint64_t x, y;
        memcpy(&x, a + at, 8);
        memcpy(&y, b + at, 8);
        differ = x ^ y;
    }
    return differ == 0 && memcmp(a + at, b + at, count - at) == 0;
}

static void put(uint8_t *to, const uint8_t *from, uint64_t count)
{
    if (count <= 256) {
        if (!is_equal(to, from, count)) {
            memcpy(to, from, count);
        }
        return;
    }
    for (uint64_t done = 0; done < count; done += PAGE_BYTES) {
        uint64_t chunk = count - done < PAGE_BYTES ? count - done : PAGE_BYTES;
        if (memcmp(to + done, from + done, chunk) != 0) {
            memcpy(to + done, from + done, chunk);
        }
    }
}

static void run_straight(Run *run, const Shape *shape, const Lanes *lanes)
{
    const Program *program = shape->program;

    for (uint32_t i = 0; shape->tail && i < lanes->count; i++) {
        memset(lanes->to[i], 0, shape->new_stride);
    }
    migrate_run_ops(run, program, program->ops, program->op_count, lanes, 0, 0);
    if (shape->tail) {
        run_tails(run, shape, lanes);
    }
}

// Where the first of some elements on one page changes, the page is written to anyway.
static bool changes_first(Run *run, const Shape *shape, const Lanes *lanes)
{
    const uint8_t *last = lanes->to[lanes->count - 1];
    Lanes one = {.count = 1, .from = {lanes->from[0]}, .to = {run->migrate->buffer}};

    if (lanes->count == 1 || last < lanes->to[0] || last - lanes->to[0] > 2 * (int64_t)PAGE_BYTES) {
        return false;
    }
    run->quiet++;
    run_straight(run, shape, &one);
    run->quiet--;
    return !is_equal(one.to[0], lanes->to[0], shape->new_stride);
}

// By way of a buffer: elements that are written where they stand may be what they were.
static void run_buffered(Run *run, const Shape *shape, const Lanes *lanes)
{
    uint64_t fit = run->migrate->buffer_bytes / shape->new_stride;
    Lanes part;

    for (uint32_t done = 0; done < lanes->count; done += part.count) {
        part.count = 0;
        while (done + part.count < lanes->count && part.count < fit) {
            part.from[part.count] = lanes->from[done + part.count];
            part.place[part.count] = lanes->to[done + part.count];
            part.to[part.count] = run->migrate->buffer + part.count * shape->new_stride;
            part.count++;
        }
        run->buffered = &part;
        run->buffer_stride = shape->new_stride;
        run_straight(run, shape, &part);
        run->buffered = NULL;
        for (uint32_t i = 0; i < part.count; i++) {
            put(part.place[i], part.to[i], shape->new_stride);
        }
    }
}

static void run_lanes(Run *run, const Shape *shape, Lanes *lanes)
{
    const Program *program = shape->program;

    if (shape->is_same) {
        run->in_place = true;
        migrate_run_ops(run, program, program->pointers, program->pointer_count, lanes, 0, 0);
        if (shape->tail) {
            run_tails(run, shape, lanes);
        }
        run->in_place = false;
    } else if (lanes->is_buffered && !changes_first(run, shape, lanes)) {
        run_buffered(run, shape, lanes);
    } else {
        run_straight(run, shape, lanes);
    }
    lanes->count = 0;
}

// --------------------------------------------------------------------------------- what blocks say

static void retype_all(Retyping *retyping)
{
    heap_retype_many(retyping->heap, retyping->kinds, retyping->orders, retyping->count);
    retyping->count = 0;
}

static void retype(Retyping *retyping, const Block *block)
{
    void *data = (void *)(uintptr_t)block->from;

    if (retyping->count == RETYPE_COUNT) {
        retype_all(retyping);
    }
    retyping->orders[retyping->count++] = (HeapOrder){data, block->count, block->shape, 0};
}

// ------------------------------------------------------------------------------------------ blocks

static bool is_zero(const uint8_t *bytes, uint64_t count)
{
    return count == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, count - 1) == 0);
}

static void clear_slack(const Block *block, const Shape *shape)
{
    uint8_t *end = (uint8_t *)(uintptr_t)block->to + block->count * shape->new_element_bytes;
    if (!is_zero(end, block->slack)) {
        memset(end, 0, block->slack);
    }
}

static void add_elements(Run *run, const Block *block, Shape *shape, const uint8_t *from)
{
    Lanes *lanes = shape->lanes;
    uint8_t *to = (uint8_t *)(uintptr_t)block->to;
    uint64_t count = block->count * shape->per;
    bool is_buffered = !block->is_moved && !shape->is_same;

    if (lanes->count > 0 && lanes->is_buffered != is_buffered) {
        run_lanes(run, shape, lanes);
    }
    lanes->is_buffered = is_buffered;
    for (uint64_t i = 0; i < count; i++) {
        if (i + AHEAD < count) {
            __builtin_prefetch(from + (i + AHEAD) * shape->stride);
            __builtin_prefetch(to + (i + AHEAD) * shape->new_stride, 1);
        }
        lanes->from[lanes->count] = from + i * shape->stride;
        lanes->to[lanes->count] = to + i * shape->new_stride;
        if (++lanes->count == LANES_MAX) {
            run_lanes(run, shape, lanes);
        }
    }
}

static void run_block(Run *run, const Block *block, Shape *shape, const uint8_t *from)
{
    bool has_pointers =
        !shape->is_raw
        && (shape->program->pointer_count > 0 || (shape->tail && shape->tail->pointer_count > 0));
    uint64_t bytes = block->count * shape->element_bytes;

    if (shape->is_same && block->is_moved) {
        memcpy((void *)(uintptr_t)block->to, from, bytes);
    }
    if (shape->is_raw) {
        Lanes one = {.count = 1, .from = {from}, .to = {(uint8_t *)(uintptr_t)block->to}};
        run->in_place = true;
        migrate_run_words(run, true, bytes, &one, 0, 0);
        run->in_place = false;
    } else if (!shape->is_same || has_pointers) {
        add_elements(run, block, shape, from);
    }
    if (!shape->is_same || block->is_moved) {
        clear_slack(block, shape);
    }
    run->notes->objects += shape->is_same ? 0 : block->count * shape->per;
}

// ------------------------------------------------------------------------------------- all of them

static void make_room(Migrate *migrate)
{
    uint64_t bytes = BUFFER_BYTES;

    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        Shape *shape = &migrate->shapes[i];
        if (!shape->is_same && shape->blocks > 0 && shape->new_stride > bytes) {
            bytes = shape->new_stride;
        }
        if (shape->blocks > 0 && !shape->lanes) {
            shape->lanes = ARENA_NEW(migrate->arena, Lanes, 1);
        }
    }
    if (bytes > migrate->buffer_bytes) {
        migrate->buffer = arena_push(migrate->arena, 1, 64, bytes);
        migrate->buffer_bytes = bytes;
    }
}

void migrate_run_blocks(Run *run, const MigrateMemory *memory)
{
    Migrate *migrate = run->migrate;
    const Map *map = &migrate->map;

    Retyping retyping = {.heap = memory->heap, .kinds = migrate->kinds};

    make_room(migrate);
    run->old = memory->old;
    for (uint32_t i = 0; i < map->block_count; i++) {
        const Block *block = &map->blocks[i];
        Shape *shape = &migrate->shapes[block->shape];
        if (i + AHEAD < map->block_count) {
            const Block *ahead = &map->blocks[i + AHEAD];
            __builtin_prefetch(memory->old + (ahead->from - map->first));
            __builtin_prefetch((const void *)(uintptr_t)ahead->to, 1);
        }
        run_block(run, block, shape, memory->old + (block->from - map->first));
        if (shape->is_retyped && !block->is_moved) {
            retype(&retyping, block);
        }
    }
    retype_all(&retyping);
    for (uint32_t i = 0; i < migrate->shape_count; i++) {
        Shape *shape = &migrate->shapes[i];
        if (shape->lanes && shape->lanes->count > 0) {
            run_lanes(run, shape, shape->lanes);
        }
    }
}
