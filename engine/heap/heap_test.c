#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"

#define MEMORY_BYTES (8u << 20)
#define SLOTS        256

typedef struct Fixture {
    Arena arena;
    Heap *heap;
} Fixture;

static void fixture_open(Fixture *fixture, size_t capacity_bytes)
{
    Fault fault = {0};

    assert_true(arena_open(&fixture->arena, 0, capacity_bytes, &fault));
    fixture->heap =
        heap_init(arena_push(&fixture->arena, 1, PAGE_BYTES, capacity_bytes), capacity_bytes);
    assert_non_null(fixture->heap);
}

static void fixture_close(Fixture *fixture)
{
    arena_close(&fixture->arena);
}

static void assert_sound(const Heap *heap)
{
    Fault fault = {0};

    if (!heap_check(heap, &fault)) {
        fail_msg("%s", fault.text);
    }
}

static bool is_zero(const void *data, size_t size_bytes)
{
    const uint8_t *bytes = data;
    size_t at = 0;

    while (at < size_bytes && bytes[at] == 0) {
        at++;
    }
    return at == size_bytes;
}

// ------------------------------------------------------------------------------------- the model

typedef struct Slot {
    uint8_t *data;
    const char *type;
    size_t count, element_bytes, align;
    uint8_t pattern;
} Slot;

typedef struct Model {
    Slot slots[SLOTS];
    uint64_t random;
} Model;

static uint32_t next_random(Model *model, uint32_t below)
{
    model->random = model->random * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(model->random >> 33) % below;
}

static size_t slot_bytes(const Slot *slot)
{
    return slot->count * slot->element_bytes;
}

static void pick(Model *model, Slot *slot)
{
    static const char *const types[] = {"Mob", "Tile", "Bullet", "Room", "Particle"};
    static const size_t sizes[] = {1, 3, 4, 8, 12, 16, 24, 40, 64, 100, 4096};

    slot->type = types[next_random(model, COUNT_OF(types))];
    slot->element_bytes = sizes[next_random(model, COUNT_OF(sizes))];
    slot->count = next_random(model, next_random(model, 8) == 0 ? 200 : 12);
    slot->align = (size_t)1 << next_random(model, next_random(model, 6) == 0 ? 13 : 5);
}

static void fill(Model *model, Slot *slot)
{
    slot->pattern = (uint8_t)(1 + next_random(model, 255));
    memset(slot->data, slot->pattern, slot_bytes(slot));
}

static void verify(const Slot *slot)
{
    assert_true((uintptr_t)slot->data % slot->align == 0);
    for (size_t i = 0; i < slot_bytes(slot); i++) {
        assert_int_equal(slot->data[i], slot->pattern);
    }
}

static void model_alloc(Model *model, Heap *heap, Slot *slot)
{
    pick(model, slot);
    slot->data = heap_alloc(heap, slot->type, slot->element_bytes, slot->align, slot->count);
    if (slot->data) {
        assert_true(is_zero(slot->data, slot_bytes(slot)));
        fill(model, slot);
        verify(slot);
    }
}

static void model_resize(Model *model, Heap *heap, Slot *slot)
{
    Slot wanted;

    verify(slot);
    pick(model, &wanted);
    wanted.type = slot->type;
    wanted.element_bytes = slot->element_bytes;
    wanted.data = heap_resize(heap, slot->data, wanted.type, wanted.element_bytes, wanted.align,
                              wanted.count);
    if (!wanted.data) {
        verify(slot);
        return;
    }
    size_t kept = slot_bytes(slot) < slot_bytes(&wanted) ? slot_bytes(slot) : slot_bytes(&wanted);
    for (size_t i = 0; i < kept; i++) {
        assert_int_equal(wanted.data[i], slot->pattern);
    }
    assert_true(is_zero(wanted.data + kept, slot_bytes(&wanted) - kept));
    *slot = wanted;
    fill(model, slot);
    verify(slot);
}

static void model_step(Model *model, Heap *heap)
{
    Slot *slot = &model->slots[next_random(model, SLOTS)];

    if (!slot->data) {
        model_alloc(model, heap, slot);
    } else if (next_random(model, 3) == 0) {
        model_resize(model, heap, slot);
    } else {
        verify(slot);
        assert_true(heap_free(heap, slot->data));
        slot->data = NULL;
    }
}

static void compare_walk(const Model *model, const Heap *heap)
{
    HeapBlock block = {0};
    size_t walked = 0, live = 0;
    const uint8_t *last = NULL;

    while (heap_next(heap, &block)) {
        const Slot *found = NULL;
        for (size_t i = 0; i < SLOTS && !found; i++) {
            found = model->slots[i].data == block.data ? &model->slots[i] : NULL;
        }
        assert_non_null(found);
        assert_true((const uint8_t *)block.data > last);
        assert_string_equal(block.type, found->type);
        assert_true(block.count == found->count && block.element_bytes == found->element_bytes);
        last = block.data;
        walked++;
    }
    for (size_t i = 0; i < SLOTS; i++) {
        live += model->slots[i].data != NULL;
    }
    assert_int_equal(walked, live);
    HeapBlock next = {0}, some[7];
    walked = 0;
    block = (HeapBlock){0};
    for (size_t count; (count = heap_next_many(heap, &block, some, COUNT_OF(some))) > 0;) {
        for (size_t i = 0; i < count; i++) {
            assert_true(heap_next(heap, &next));
            assert_memory_equal(&next, &some[i], sizeof next);
        }
        walked += count;
    }
    assert_int_equal(walked, live);
}

static void random_operations_match_a_model(void **state)
{
    // Scenario: 60,000 random allocations, resizes and frees of all sizes and alignments, in a heap
    // that is now roomy and now far too small.
    // Expect: the bookkeeping is sound all along, contents survive, new bytes are zero, and a walk
    // finds exactly what is alive; with everything freed the heap is as small as at the start.
    static const size_t capacities[] = {MEMORY_BYTES, 1u << 20, 160u << 10};
    (void)state;
    for (size_t k = 0; k < COUNT_OF(capacities); k++) {
        Fixture fixture;
        fixture_open(&fixture, capacities[k]);
        Model model = {.random = k + 1};
        size_t empty_bytes = heap_used_bytes(fixture.heap);
        for (int i = 0; i < 20000; i++) {
            model_step(&model, fixture.heap);
            if (i % 16 == 0) {
                assert_sound(fixture.heap);
            }
            if (i % 256 == 0) {
                compare_walk(&model, fixture.heap);
            }
            assert_true(heap_used_bytes(fixture.heap) <= capacities[k]);
        }
        for (size_t i = 0; i < SLOTS; i++) {
            assert_true(heap_free(fixture.heap, model.slots[i].data));
        }
        assert_sound(fixture.heap);
        assert_int_equal(heap_used_bytes(fixture.heap), empty_bytes);
        fixture_close(&fixture);
    }
}

// -------------------------------------------------------------------------------------- one by one

static void equal_calls_give_equal_bytes(void **state)
{
    // Scenario: the same 5,000 calls on two heaps at different addresses.
    // Expect: the same places and, byte for byte, the same memory: no pointer, no leftover in it.
    Fixture a, b;
    Model first = {.random = 7}, second = {.random = 7};
    (void)state;
    fixture_open(&a, MEMORY_BYTES);
    fixture_open(&b, MEMORY_BYTES);
    for (int i = 0; i < 5000; i++) {
        model_step(&first, a.heap);
        model_step(&second, b.heap);
    }
    assert_int_equal(heap_used_bytes(a.heap), heap_used_bytes(b.heap));
    assert_memory_equal(a.heap, b.heap, heap_used_bytes(a.heap));
    fixture_close(&a);
    fixture_close(&b);
}

static void snapshot_of_used_bytes_is_everything(void **state)
{
    // Scenario: the used bytes are copied away, 3,000 operations run and everything above is
    // filled with rubbish; then the copy is put back and the same 3,000 operations run again.
    // Expect: the heap is sound and the second run ends in the same bytes as the first.
    Fixture fixture, saved;
    Model model = {.random = 11};
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    fixture_open(&saved, MEMORY_BYTES);
    for (int i = 0; i < 1000; i++) {
        model_step(&model, fixture.heap);
    }
    Model model_then = model;
    size_t used_then = heap_used_bytes(fixture.heap);
    memcpy(saved.heap, fixture.heap, used_then);
    for (int i = 0; i < 3000; i++) {
        model_step(&model, fixture.heap);
    }
    size_t used_bytes = heap_used_bytes(fixture.heap);
    uint64_t hash = hash_bytes(fixture.heap, used_bytes);
    memset((uint8_t *)fixture.heap + used_then, 0xee, MEMORY_BYTES - used_then);
    memcpy(fixture.heap, saved.heap, used_then);
    model = model_then;
    assert_sound(fixture.heap);
    for (int i = 0; i < 3000; i++) {
        model_step(&model, fixture.heap);
    }
    assert_sound(fixture.heap);
    assert_int_equal(heap_used_bytes(fixture.heap), used_bytes);
    assert_true(hash_bytes(fixture.heap, used_bytes) == hash);
    fixture_close(&fixture);
    fixture_close(&saved);
}

static void impossible_sizes_are_refused(void **state)
{
    // Scenario: sizes that overflow, exceed the heap, and alignments that are no power of two or
    // beyond a page.
    // Expect: NULL each time, nothing changed, and normal calls still work.
    Fixture fixture;
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    size_t used_bytes = heap_used_bytes(fixture.heap);
    assert_null(heap_alloc(fixture.heap, "T", SIZE_MAX, 8, 2));
    assert_null(heap_alloc(fixture.heap, "T", SIZE_MAX / 2 + 1, 8, 2));
    assert_null(heap_alloc(fixture.heap, "T", SIZE_MAX, 8, 1));
    assert_null(heap_alloc(fixture.heap, "T", 1, 8, SIZE_MAX - 40));
    assert_null(heap_alloc(fixture.heap, "T", 16, 8, (size_t)UINT32_MAX + 1));
    assert_null(heap_alloc(fixture.heap, "T", MEMORY_BYTES, 8, 1));
    assert_null(heap_alloc(fixture.heap, "T", 8, 0, 1));
    assert_null(heap_alloc(fixture.heap, "T", 8, 24, 1));
    assert_null(heap_alloc(fixture.heap, "T", 8, 8192, 1));
    assert_int_equal(heap_used_bytes(fixture.heap), used_bytes);
    void *data = heap_alloc(fixture.heap, "T", 8, 8, 1);
    assert_null(heap_resize(fixture.heap, data, "T", SIZE_MAX, 8, 3));
    assert_null(heap_resize(fixture.heap, data, "T", 8, 3, 3));
    assert_non_null(heap_alloc(fixture.heap, NULL, 0, 1, 0));
    assert_sound(fixture.heap);
    fixture_close(&fixture);
}

static void foreign_pointers_are_refused(void **state)
{
    // Scenario: double frees, pointers into the middle of a block, outside the heap, at its edges
    // and at the bookkeeping itself; a payload that holds a copy of a block's header.
    // Expect: false, and nothing changed.
    Fixture fixture;
    uint8_t elsewhere[64] = {0};
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    Heap *heap = fixture.heap;
    uint8_t *a = heap_alloc(heap, "A", 16, 16, 8), *b = heap_alloc(heap, "B", 16, 16, 8);
    uint8_t *c = heap_alloc(heap, "C", 16, 16, 8);
    memcpy(a + 32, b - 32, 32);
    assert_false(heap_free(heap, a + 64));
    for (size_t i = 1; i < 128; i++) {
        assert_false(heap_free(heap, a + i));
        assert_null(heap_resize(heap, a + i, "A", 1, 1, 1));
    }
    assert_true(heap_free(heap, b));
    assert_false(heap_free(heap, b));
    assert_null(heap_resize(heap, b, "B", 1, 1, 1));
    assert_true(heap_free(heap, c));
    assert_false(heap_free(heap, c));
    assert_false(heap_free(heap, elsewhere + 32));
    assert_false(heap_free(heap, heap));
    assert_false(heap_free(heap, (uint8_t *)heap + 16));
    assert_false(heap_free(heap, (uint8_t *)heap + MEMORY_BYTES));
    assert_false(heap_free(heap, (uint8_t *)heap + MEMORY_BYTES - 16));
    assert_false(heap_free(heap, (void *)(uintptr_t)16));
    assert_false(heap_free(heap, (void *)(UINTPTR_MAX - 15)));
    assert_true(heap_free(heap, NULL));
    assert_sound(heap);
    assert_true(heap_free(heap, a));
    fixture_close(&fixture);
}

static void full_heap_says_so_and_recovers(void **state)
{
    // Scenario: equal blocks until there is no room; every second one is freed; then blocks of that
    // size are asked for again; then all are freed and one large block is asked for.
    // Expect: NULL when full; each hole is used again; the holes join into room for the large one.
    Fixture fixture;
    void *blocks[4096];
    size_t count = 0;
    (void)state;
    fixture_open(&fixture, 1u << 20);
    while (count < COUNT_OF(blocks)
           && (blocks[count] = heap_alloc(fixture.heap, "Brick", 1000, 8, 1)) != NULL) {
        count++;
    }
    assert_true(count > 800 && count < 1048);
    assert_true(heap_used_bytes(fixture.heap) > heap_capacity_bytes(fixture.heap) - 1056);
    for (size_t i = 0; i < count; i += 2) {
        assert_true(heap_free(fixture.heap, blocks[i]));
    }
    assert_sound(fixture.heap);
    assert_null(heap_alloc(fixture.heap, "Big", 3000, 8, 1));
    for (size_t i = 0; i < count; i += 2) {
        blocks[i] = heap_alloc(fixture.heap, "Brick", 1000, 8, 1);
        assert_non_null(blocks[i]);
    }
    for (size_t i = 0; i < count; i++) {
        assert_true(heap_free(fixture.heap, blocks[i]));
    }
    assert_non_null(heap_alloc(fixture.heap, "Big", 900, 8, 1000));
    assert_sound(fixture.heap);
    fixture_close(&fixture);
}

static void last_room_is_found(void **state)
{
    // Scenario: the only free room is one hole among many smaller ones of its size class, the rest
    // of the heap is full; what is asked for fits that hole alone.
    // Expect: it is found though the quick search does not reach it.
    Fixture fixture;
    void *holes[40];
    (void)state;
    fixture_open(&fixture, 1u << 20);
    for (size_t i = 0; i < COUNT_OF(holes); i++) { // 1024..1087 bytes are one class of 64 + units
        holes[i] = heap_alloc(fixture.heap, "Hole", i == 0 ? 1056 : 1008, 8, 1);
        assert_non_null(heap_alloc(fixture.heap, "Wall", 16, 8, 1));
    }
    while (heap_alloc(fixture.heap, "Rest", 4096, 8, 1)
           || heap_alloc(fixture.heap, "Rest", 1, 8, 1)) {
    }
    for (size_t i = 0; i < COUNT_OF(holes); i++) {
        assert_true(heap_free(fixture.heap, holes[i]));
    }
    assert_true(heap_alloc(fixture.heap, "Found", 1056, 8, 1) == holes[0]);
    assert_null(heap_alloc(fixture.heap, "None", 1056, 8, 1));
    assert_sound(fixture.heap);
    fixture_close(&fixture);
}

static void resize_stays_in_place(void **state)
{
    // Scenario: growing the last block, growing into a freed neighbour, shrinking, and growing with
    // a live neighbour in the way.
    // Expect: only the last one moves; the room that shrinking leaves is used again.
    Fixture fixture;
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    Heap *heap = fixture.heap;
    void *a = heap_alloc(heap, "A", 16, 16, 64), *b = heap_alloc(heap, "B", 16, 16, 64);
    void *c = heap_alloc(heap, "C", 16, 16, 64);
    assert_ptr_equal(heap_resize(heap, c, "C", 16, 16, 6400), c);
    assert_ptr_equal(heap_resize(heap, c, "C", 16, 16, 8), c);
    assert_true(heap_free(heap, b));
    assert_ptr_equal(heap_resize(heap, a, "A", 16, 16, 100), a);
    assert_sound(heap);
    assert_ptr_equal(heap_resize(heap, a, "A", 16, 16, 4), a);
    void *d = heap_alloc(heap, "D", 16, 16, 80);
    assert_true(d > a && d < c);
    assert_ptr_not_equal(heap_resize(heap, a, "A", 16, 16, 200), a);
    assert_sound(heap);
    fixture_close(&fixture);
}

static void used_bytes_shrink_with_the_last_block(void **state)
{
    // Scenario: three blocks; the middle one is freed, then the last.
    // Expect: the first free changes nothing, the second gives back both blocks' room.
    Fixture fixture;
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    Heap *heap = fixture.heap;
    assert_non_null(heap_alloc(heap, "A", 100, 8, 1));
    size_t after_a = heap_used_bytes(heap);
    void *b = heap_alloc(heap, "B", 100, 8, 1), *c = heap_alloc(heap, "C", 100, 8, 1);
    size_t after_c = heap_used_bytes(heap);
    assert_true(heap_free(heap, b));
    assert_int_equal(heap_used_bytes(heap), after_c);
    assert_true(heap_free(heap, c));
    assert_int_equal(heap_used_bytes(heap), after_a);
    assert_sound(heap);
    fixture_close(&fixture);
}

static void report_names_the_largest_first(void **state)
{
    // Scenario: three types, an empty heap, and an output that is too small.
    // Expect: sizes and counts by type, largest first; whole entries only when it is cut.
    Fixture fixture;
    char text[256];
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    heap_report(fixture.heap, text, sizeof text);
    assert_string_equal(text, "nothing");
    assert_non_null(heap_alloc(fixture.heap, "Flag", 10, 1, 10));
    assert_non_null(heap_alloc(fixture.heap, "Tile", 1536, 8, 1024));
    assert_non_null(heap_alloc(fixture.heap, "Mob", 1024, 8, 1024));
    assert_non_null(heap_alloc(fixture.heap, "Mob", 1024, 8, 1024));
    heap_report(fixture.heap, text, sizeof text);
    assert_string_equal(text, "Mob 2.0 MiB in 2, Tile 1.5 MiB in 1, Flag 100 B in 1");
    heap_report(fixture.heap, text, 41);
    assert_string_equal(text, "Mob 2.0 MiB in 2, Tile 1.5 MiB in 1, ...");
    heap_report(fixture.heap, text, 40);
    assert_string_equal(text, "Mob 2.0 MiB in 2, ...");
    heap_report(fixture.heap, text, 30);
    assert_string_equal(text, "Mob 2.0 MiB in 2, ...");
    for (size_t size_bytes = 1; size_bytes < 60; size_bytes++) {
        memset(text, 'x', sizeof text);
        heap_report(fixture.heap, text, size_bytes);
        assert_true(strnlen(text, size_bytes) < size_bytes);
        assert_int_equal(text[size_bytes], 'x');
    }
    fixture_close(&fixture);
}

static void too_many_types_share_one(void **state)
{
    // Scenario: 3,000 types, some with names far longer than the table keeps.
    // Expect: all are allocated; those that found no place are counted together.
    Fixture fixture;
    char name[200], text[4096];
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    memset(name, 'n', sizeof name);
    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof name, "Type%d%s", i,
                 i % 10 == 0 ? "_with_a_very_long_name_that_goes_"
                               "on_and_on_beyond_the_table"
                             : "");
        assert_non_null(heap_alloc(fixture.heap, name, 1, 1, 1));
    }
    heap_report(fixture.heap, text, sizeof text);
    assert_memory_equal(text, "(other types) 1.9 KiB in 1977, ", 31);
    assert_sound(fixture.heap);
    fixture_close(&fixture);
}

static void abuse_once(Model *model, Heap *heap)
{
    Slot wanted;
    Slot *slot = &model->slots[next_random(model, SLOTS)];
    // Past the magic number and the end: that one is what "the range" means.
    size_t at = 12 + next_random(model, (uint32_t)heap_used_bytes(heap) - 12);

    ((uint8_t *)heap)[at] = (uint8_t)next_random(model, 256);
    pick(model, &wanted);
    (void)heap_resize(heap, slot->data, wanted.type, wanted.element_bytes, wanted.align,
                      wanted.count);
    (void)heap_free(heap, model->slots[next_random(model, SLOTS)].data);
    (void)heap_alloc(heap, wanted.type, wanted.element_bytes, wanted.align, wanted.count);
    (void)heap_check(heap, NULL);
}

// One heap between two guards that nobody may write to.
static void abuse(uint64_t seed)
{
    const size_t heap_bytes = 1u << 20, guard_bytes = 1u << 20;
    Model model = {.random = seed};
    Arena arena;
    Fault fault = {0};

    assert_true(arena_open(&arena, 0, heap_bytes + 2 * guard_bytes, &fault));
    uint8_t *memory = arena_push(&arena, 1, PAGE_BYTES, heap_bytes + 2 * guard_bytes);
    Heap *heap = heap_init(memory + guard_bytes, heap_bytes);
    assert_non_null(heap);
    for (int i = 0; i < 500; i++) {
        model_step(&model, heap);
    }
    for (int i = 0; i < 500; i++) {
        abuse_once(&model, heap);
    }
    assert_true(is_zero(memory, guard_bytes));
    assert_true(is_zero(memory + guard_bytes + heap_bytes, guard_bytes));
    arena_close(&arena);
}

static void overwritten_bookkeeping_is_found(void **state)
{
    // Scenario: an array written 8 bytes too far; then 20,000 random bytes written anywhere in the
    // used range, with allocations, resizes and frees going on.
    // Expect: heap_check names the array that was written past; nothing outside the range is ever
    // touched and every call returns.
    Fixture fixture;
    Fault fault = {0};
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    uint32_t *array = heap_alloc(fixture.heap, "Score", 4, 4, 8);
    assert_non_null(heap_alloc(fixture.heap, "Other", 4, 4, 8));
    array[8] = array[9] = 12345;
    assert_false(heap_check(fixture.heap, &fault));
    assert_int_equal(fault.kind, FAULT_GAME);
    assert_non_null(strstr(fault.text, "Score[8]"));
    fixture_close(&fixture);
    for (uint64_t round = 1; round <= 40; round++) {
        abuse(round);
    }
}

static void init_needs_room_for_itself(void **state)
{
    // Scenario: a memory that is smaller than the tables, and one that just holds them.
    // Expect: no heap; a heap in which nothing fits.
    Fixture fixture;
    Fault fault = {0};
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    size_t tables_bytes = heap_used_bytes(fixture.heap);
    fixture_close(&fixture);
    assert_true(arena_open(&fixture.arena, 0, MEMORY_BYTES, &fault));
    void *memory = arena_push(&fixture.arena, 1, PAGE_BYTES, tables_bytes);
    assert_null(heap_init(memory, tables_bytes - 1));
    Heap *heap = heap_init(memory, tables_bytes);
    assert_non_null(heap);
    assert_null(heap_alloc(heap, "T", 1, 1, 1));
    assert_sound(heap);
    fixture_close(&fixture);
}

static void retype_keeps_bytes_and_place(void **state)
{
    // Scenario: a block becomes fewer, larger elements of another type; then more than fit into it;
    // then a place that is no block.
    // Expect: the first is what the walk and the counts say from then on, its bytes untouched; the
    // others are refused and change nothing.
    Fixture fixture;
    HeapBlock block = {0};
    uint32_t cursor = 0;
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    uint8_t *data = heap_alloc(fixture.heap, "Mob", 12, 4, 9); // 108 bytes: there is room for 112
    memset(data, 7, 108);
    assert_int_equal(heap_room_bytes(fixture.heap, data), 112);
    assert_true(heap_retype(fixture.heap, data, "Enemy", 28, 4));
    assert_true(heap_next(fixture.heap, &block));
    assert_string_equal(block.type, "Enemy");
    assert_true(block.data == data && block.count == 4 && block.element_bytes == 28);
    assert_true(data[0] == 7 && data[107] == 7 && data[108] == 0);
    assert_string_equal(heap_next_type(fixture.heap, &cursor)->name, "Enemy");
    assert_null(heap_next_type(fixture.heap, &cursor));
    assert_sound(fixture.heap);
    assert_false(heap_retype(fixture.heap, data, "Enemy", 28, 5));
    assert_false(heap_retype(fixture.heap, data, "Enemy", SIZE_MAX, 2));
    assert_false(heap_retype(fixture.heap, data + 16, "Enemy", 1, 1));
    assert_false(heap_retype(fixture.heap, NULL, "Enemy", 1, 1));
    assert_int_equal(heap_room_bytes(fixture.heap, data + 16), 0);
    assert_int_equal(heap_room_bytes(fixture.heap, NULL), 0);
    block = (HeapBlock){0};
    assert_true(heap_next(fixture.heap, &block) && block.count == 4);
    HeapKind kinds[] = {{"A", 8, 16}, {"B", 113, 16}};
    HeapOrder orders[] = {{data, 14, 0, 0}, {data, 1, 1, 0}, {data + 16, 1, 0, 0}};
    heap_retype_many(fixture.heap, kinds, orders, COUNT_OF(orders));
    block = (HeapBlock){0};
    assert_true(heap_next(fixture.heap, &block) && block.count == 14 && block.element_bytes == 8);
    assert_string_equal(block.type, "A");
    assert_sound(fixture.heap);
    fixture_close(&fixture);
}

static int by_address(const void *a, const void *b)
{
    const HeapOrder *x = a, *y = b;
    return x->data < y->data ? -1 : x->data > y->data;
}

static void replace_some(Model *model, Heap *heap)
{
    HeapOrder orders[SLOTS];
    HeapKind kinds[SLOTS];
    Slot *slots[SLOTS], wanted[SLOTS];
    size_t count = 0;
    uint32_t odds = 1 + next_random(model, 6);

    for (size_t i = 0; i < SLOTS; i++) {
        if (model->slots[i].data && next_random(model, odds) == 0) {
            verify(&model->slots[i]);
            orders[count++] = (HeapOrder){.data = model->slots[i].data};
        }
    }
    if (next_random(model, 4) != 0) { // as migration does it; any other order has to do as well
        qsort(orders, count, sizeof orders[0], by_address);
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < SLOTS; k++) {
            slots[i] = model->slots[k].data == orders[i].data ? &model->slots[k] : slots[i];
        }
        pick(model, &wanted[i]);
        kinds[i] = (HeapKind){wanted[i].type, wanted[i].element_bytes, wanted[i].align};
        orders[i].kind = (uint32_t)i;
        orders[i].count = wanted[i].count;
    }
    bool all = heap_replace(heap, kinds, orders, count);
    for (size_t i = 0; i < count; i++) {
        assert_true(!all || orders[i].data);
        wanted[i].data = orders[i].data;
        *slots[i] = wanted[i];
        if (orders[i].data) {
            size_t room = slot_bytes(slots[i]) + orders[i].slack_bytes;
            assert_int_equal(heap_room_bytes(heap, orders[i].data), room);
            memset(orders[i].data, 0xff, room);
            fill(model, slots[i]);
        }
    }
}

static void many_at_once_match_the_model(void **state)
{
    // Scenario: between random operations, random sets of blocks are replaced at once, in the order
    // of their addresses or in any, in a roomy heap and in one that is too small; each new block is
    // written to the last byte of its room.
    // Expect: the bookkeeping is sound, alignments hold, the other blocks' contents are untouched,
    // a walk finds what the model has; false only when something found no room.
    static const size_t capacities[] = {MEMORY_BYTES, 1u << 20, 160u << 10};
    (void)state;
    for (size_t k = 0; k < COUNT_OF(capacities); k++) {
        Fixture fixture;
        fixture_open(&fixture, capacities[k]);
        Model model = {.random = k + 77};
        for (int i = 0; i < 300; i++) {
            for (int n = 0; n < 60; n++) {
                model_step(&model, fixture.heap);
            }
            replace_some(&model, fixture.heap);
            assert_sound(fixture.heap);
            compare_walk(&model, fixture.heap);
            for (size_t n = 0; n < SLOTS; n++) {
                if (model.slots[n].data) {
                    verify(&model.slots[n]);
                }
            }
        }
        fixture_close(&fixture);
    }
}

static void replacing_a_row_fills_the_same_stretch(void **state)
{
    // Scenario: 1,000 blocks in a row are replaced by ones that are half as large; then one of them
    // is named that is no block.
    // Expect: the new ones lie in the row's stretch, in its order; the wrong one is told, and the
    // rest is replaced.
    enum { ROW = 1000 };
    static const HeapKind kind = {"Half", 64, 16};
    static HeapOrder orders[ROW];
    Fixture fixture;
    (void)state;
    fixture_open(&fixture, MEMORY_BYTES);
    for (size_t i = 0; i < ROW; i++) {
        orders[i] = (HeapOrder){heap_alloc(fixture.heap, "Whole", 128, 16, 1), 1, 0, 0};
    }
    const void *first = orders[0].data, *end = heap_alloc(fixture.heap, "End", 16, 16, 1);
    assert_true(heap_replace(fixture.heap, &kind, orders, ROW));
    assert_ptr_equal(orders[0].data, first);
    for (size_t i = 1; i < ROW; i++) {
        assert_true(orders[i].data > orders[i - 1].data && orders[i].data < end);
    }
    assert_sound(fixture.heap);
    orders[7].data = (uint8_t *)orders[7].data + 16;
    assert_false(heap_replace(fixture.heap, &kind, orders, ROW));
    assert_sound(fixture.heap);
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retype_keeps_bytes_and_place),
        cmocka_unit_test(many_at_once_match_the_model),
        cmocka_unit_test(replacing_a_row_fills_the_same_stretch),
        cmocka_unit_test(random_operations_match_a_model),
        cmocka_unit_test(equal_calls_give_equal_bytes),
        cmocka_unit_test(snapshot_of_used_bytes_is_everything),
        cmocka_unit_test(impossible_sizes_are_refused),
        cmocka_unit_test(foreign_pointers_are_refused),
        cmocka_unit_test(full_heap_says_so_and_recovers),
        cmocka_unit_test(last_room_is_found),
        cmocka_unit_test(resize_stays_in_place),
        cmocka_unit_test(used_bytes_shrink_with_the_last_block),
        cmocka_unit_test(report_names_the_largest_first),
        cmocka_unit_test(too_many_types_share_one),
        cmocka_unit_test(overwritten_bookkeeping_is_found),
        cmocka_unit_test(init_needs_room_for_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
