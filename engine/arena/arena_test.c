#include "arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void state_lives_at_its_address(void **state)
{
    (void)state;
    // Scenario: reserve the state range, then the same range again.
    // Expect: exactly the address that was asked for; the second one is refused and zeroed.
    Arena arena, second;
    Fault fault;
    assert_true(arena_open(&arena, ARENA_STATE_ADDRESS, 64u << 20, &fault));
    assert_int_equal((uintptr_t)arena.base, ARENA_STATE_ADDRESS);
    assert_false(arena_open(&second, ARENA_STATE_ADDRESS, 1u << 20, &fault));
    assert_null(second.base);
    assert_int_equal(fault.kind, FAULT_MEMORY);
    arena_close(&arena);
    assert_true(arena_open(&second, ARENA_STATE_ADDRESS, 1u << 20, &fault));
    arena_close(&second);
}

static void pushes_are_zeroed_and_aligned(void **state)
{
    (void)state;
    // Scenario: push, dirty, reset, push again, with odd alignments.
    // Expect: zeroed and aligned memory each time, and nothing moves as the arena grows.
    Arena arena;
    assert_true(arena_open(&arena, 0, 8u << 20, NULL));
    for (size_t round = 0; round < 3; round++) {
        uint8_t *byte = arena_push(&arena, 1, 1, 1);
        uint64_t *words = ARENA_NEW(&arena, uint64_t, 200000);
        uint8_t *page = arena_push(&arena, 5, 4096, 1);
        assert_ptr_equal(byte, arena.base);
        assert_int_equal((uintptr_t)words % 8, 0);
        assert_int_equal((uintptr_t)page % 4096, 0);
        for (size_t i = 0; i < 200000; i++) {
            assert_int_equal(words[i], 0);
        }
        memset(arena.base, 0xAB, arena.used_bytes);
        arena_reset(&arena, 0);
    }
    arena_close(&arena);
}

static void sizes_from_outside_cannot_break_it(void **state)
{
    (void)state;
    // Scenario: sizes that overflow or exceed what is reserved.
    // Expect: NULL, and the arena goes on as before.
    Arena arena;
    assert_true(arena_open(&arena, 0, 1u << 20, NULL));
    assert_null(arena_try_push(&arena, SIZE_MAX, 8, 2));
    assert_null(arena_try_push(&arena, (1u << 20) + 1, 1, 1));
    assert_non_null(arena_try_push(&arena, 1u << 20, 1, 1));
    assert_null(arena_try_push(&arena, 1, 1, 1));
    arena_release(&arena);
    assert_string_equal(arena_format(&arena, "%d of %s", 3, "four"), "3 of four");
    assert_string_equal(arena_copy_text(&arena, "text"), "text");
    arena_close(&arena);
    assert_false(arena_open(&arena, 0, 0, NULL));
    assert_false(arena_open(&arena, 123, 4096, NULL));
    arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_lives_at_its_address),
        cmocka_unit_test(pushes_are_zeroed_and_aligned),
        cmocka_unit_test(sizes_from_outside_cannot_break_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
