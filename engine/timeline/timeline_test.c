#include "timeline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

enum { STATE_MAX = 1 << 20 };

static void fill(uint8_t *bytes, size_t size_bytes, uint32_t seed)
{
    hl_rng rng;
    hl_seed(&rng, seed, 1);
    for (size_t i = 0; i < size_bytes; i++) {
        bytes[i] = (uint8_t)hl_rand(&rng);
    }
}

static void open_timeline(Timeline *timeline)
{
    Fault fault = {0};
    assert_true(timeline_open(timeline, STATE_MAX, &fault));
}

static void a_new_timeline_is_empty(void **unused)
{
    // Scenario: a timeline was opened and nothing recorded.
    // Expect: no segment and no input; closing twice is harmless.
    (void)unused;
    Timeline timeline;
    open_timeline(&timeline);
    assert_false(timeline.has_segment);
    assert_null(timeline_input(&timeline, 0));
    timeline_close(&timeline);
    timeline_close(&timeline);
}

static void restore_is_exact(void **unused)
{
    // Scenario: a state of an odd size is recorded, then every byte of it changes.
    // Expect: the old bytes come back, the size too, and not one byte beyond is touched.
    (void)unused;
    static uint8_t state[20003 + 64], before[20003];
    Timeline timeline;
    open_timeline(&timeline);
    fill(before, sizeof(before), 1);
    memcpy(state, before, sizeof(before));
    timeline_begin(&timeline, 77, state, sizeof(before));
    fill(state, sizeof(state), 2);
    uint8_t beyond[64];
    memcpy(beyond, state + sizeof(before), sizeof(beyond));

    assert_int_equal(timeline_restore_first(&timeline, state, sizeof(before)), sizeof(before));
    assert_memory_equal(state, before, sizeof(before));
    assert_memory_equal(state + sizeof(before), beyond, sizeof(beyond));
    assert_int_equal(timeline.first_tick, 77);
    timeline_close(&timeline);
}

static void a_state_that_grew_is_zeroed_beyond(void **unused)
{
    // Scenario: the game allocated after the recording began.
    // Expect: up to its present size the state is zero beyond the old one; further up untouched.
    (void)unused;
    static uint8_t state[9000];
    Timeline timeline;
    open_timeline(&timeline);
    memset(state, 1, sizeof(state));
    timeline_begin(&timeline, 1, state, 100);
    memset(state, 2, sizeof(state));
    assert_int_equal(timeline_restore_first(&timeline, state, 8999), 100);
    for (size_t i = 0; i < 8999; i++) {
        assert_int_equal(state[i], i < 100 ? 1 : 0);
    }
    assert_int_equal(state[8999], 2);
    timeline_close(&timeline);
}

static void a_state_that_shrank_comes_back_whole(void **unused)
{
    // Scenario: a restart made the state smaller than it was when the recording began.
    // Expect: all the old bytes.
    (void)unused;
    static uint8_t state[5000], before[5000];
    Timeline timeline;
    open_timeline(&timeline);
    fill(before, sizeof(before), 3);
    memcpy(state, before, sizeof(state));
    timeline_begin(&timeline, 1, state, sizeof(state));
    memset(state, 0, sizeof(state));
    assert_int_equal(timeline_restore_first(&timeline, state, 10), sizeof(state));
    assert_memory_equal(state, before, sizeof(state));
    timeline_close(&timeline);
}

static void inputs_come_back_by_index(void **unused)
{
    // Scenario: 1000 inputs, each with its number in it.
    // Expect: every one of them at its index, bit for bit, NULL past the end; restoring and looking
    // do not change that.
    (void)unused;
    Timeline timeline;
    uint8_t state[16] = {0};
    open_timeline(&timeline);
    timeline_begin(&timeline, 5, state, sizeof(state));
    for (uint32_t i = 0; i < 1000; i++) {
        hl_input input;
        fill((uint8_t *)&input, sizeof(input), i);
        assert_true(timeline_push(&timeline, &input));
    }
    (void)timeline_restore_first(&timeline, state, sizeof(state));
    for (uint32_t i = 0; i < 1000; i++) {
        hl_input input;
        fill((uint8_t *)&input, sizeof(input), i);
        assert_memory_equal(timeline_input(&timeline, i), &input, sizeof(input));
    }
    assert_null(timeline_input(&timeline, 1000));
    assert_null(timeline_input(&timeline, UINT32_MAX));
    timeline_close(&timeline);
}

static void a_new_segment_forgets_the_old(void **unused)
{
    // Scenario: F6 again: a second segment with a smaller state.
    // Expect: only the second one's state and inputs; after forget, none.
    (void)unused;
    static uint8_t state[3000];
    Timeline timeline;
    hl_input input = {0};
    open_timeline(&timeline);
    memset(state, 1, sizeof(state));
    timeline_begin(&timeline, 1, state, sizeof(state));
    assert_true(timeline_push(&timeline, &input));
    assert_true(timeline_push(&timeline, &input));
    memset(state, 2, sizeof(state));
    timeline_begin(&timeline, 9, state, 10);
    assert_int_equal(timeline.input_count, 0);
    assert_null(timeline_input(&timeline, 0));
    input.window_w = 640;
    assert_true(timeline_push(&timeline, &input));
    assert_int_equal(timeline_input(&timeline, 0)->window_w, 640);
    memset(state, 3, sizeof(state));
    assert_int_equal(timeline_restore_first(&timeline, state, sizeof(state)), 10);
    assert_int_equal(state[9], 2);
    assert_int_equal(state[10], 0);
    assert_int_equal(timeline.first_tick, 9);
    timeline_forget(&timeline);
    assert_false(timeline.has_segment);
    assert_null(timeline_input(&timeline, 0));
    timeline_close(&timeline);
}

static void an_empty_state_is_a_state(void **unused)
{
    // Scenario: a segment that begins before anything was allocated.
    // Expect: restoring zeroes everything in use and returns 0.
    (void)unused;
    uint8_t state[8];
    Timeline timeline;
    open_timeline(&timeline);
    timeline_begin(&timeline, 0, NULL, 0);
    memset(state, 7, sizeof(state));
    assert_int_equal(timeline_restore_first(&timeline, state, 7), 0);
    assert_memory_equal(state, ((uint8_t[8]){0, 0, 0, 0, 0, 0, 0, 7}), 8);
    timeline_close(&timeline);
}

static void a_full_segment_says_so(void **unused)
{
    // Scenario: a segment with all but one of the inputs of 24 hours at 60 Hz.
    // Expect: the last one still goes in, the next is refused and changes nothing.
    (void)unused;
    Timeline timeline;
    hl_input input = {0};
    open_timeline(&timeline);
    timeline_begin(&timeline, 0, NULL, 0);
    timeline.input_count = 24u * 60 * 60 * 60 - 1;
    assert_true(timeline_push(&timeline, &input));
    assert_false(timeline_push(&timeline, &input));
    assert_int_equal(timeline.input_count, 24u * 60 * 60 * 60);
    timeline_close(&timeline);
}

static void no_address_space_is_a_fault(void **unused)
{
    // Scenario: room for a state larger than any address space.
    // Expect: FAULT_MEMORY with a text, and a timeline that can be closed.
    (void)unused;
    Timeline timeline;
    Fault fault = {0};
    assert_false(timeline_open(&timeline, (size_t)1 << 60, &fault));
    assert_int_equal(fault.kind, FAULT_MEMORY);
    assert_true(strlen(fault.text) > 0);
    timeline_close(&timeline);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_timeline_is_empty),
        cmocka_unit_test(restore_is_exact),
        cmocka_unit_test(a_state_that_grew_is_zeroed_beyond),
        cmocka_unit_test(a_state_that_shrank_comes_back_whole),
        cmocka_unit_test(inputs_come_back_by_index),
        cmocka_unit_test(a_new_segment_forgets_the_old),
        cmocka_unit_test(an_empty_state_is_a_state),
        cmocka_unit_test(a_full_segment_says_so),
        cmocka_unit_test(no_address_space_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
