#include "delta.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "delta_code.h"

enum { PAGE = DELTA_PAGE_BYTES, ROOM = DELTA_MAX_BYTES + DELTA_SLACK_BYTES };

typedef struct Random {
    uint64_t state;
} Random;

static uint64_t next(Random *random)
{
    random->state ^= random->state << 13;
    random->state ^= random->state >> 7;
    random->state ^= random->state << 17;
    return random->state;
}

static void fill(Random *random, uint8_t *page)
{
    for (size_t i = 0; i < PAGE; i++) {
        page[i] = (uint8_t)next(random);
    }
}

// Changes up to `most` bytes somewhere, most of them near each other, as games do.
static void scribble(Random *random, uint8_t *page, uint64_t most)
{
    uint64_t count = next(random) % (most + 1), at = next(random) % PAGE;

    for (uint64_t i = 0; i < count; i++) {
        at = next(random) % 4 == 0 ? next(random) % PAGE : (at + 1) % PAGE;
        page[at] = (uint8_t)next(random);
    }
}

static const uint64_t AMOUNTS[] = {0, 1, 3, 20, 300, 20000};

static void pages_go_there_and_back(void **state)
{
    (void)state;
    // Scenario: random pages with none to all bytes changed; the delta is applied to either one.
    // Expect: it leads to the other one; the shadow follows; sizes agree; equal pages give 0.
    Random random = {1};
    uint8_t before[PAGE], now[PAGE], shadow[PAGE], page[PAGE], out[ROOM];
    for (uint32_t round = 0; round < 3000; round++) {
        fill(&random, before);
        memcpy(now, before, PAGE);
        scribble(&random, now, AMOUNTS[round % COUNT_OF(AMOUNTS)]);
        memcpy(shadow, before, PAGE);
        size_t bytes = delta_take(out, now, shadow, (DeltaWords){0}, NULL);
        assert_memory_equal(shadow, now, PAGE);
        if (bytes == 0) {
            assert_memory_equal(before, now, PAGE);
            continue;
        }
        assert_memory_not_equal(before, now, PAGE);
        assert_int_equal(delta_size(out), bytes);
        memcpy(page, before, PAGE);
        assert_int_equal(delta_apply(out, page), bytes);
        assert_memory_equal(page, now, PAGE);
        assert_int_equal(delta_apply(out, page), bytes);
        assert_memory_equal(page, before, PAGE);
        memcpy(shadow, before, PAGE);
        assert_int_equal(delta_apply_both(out, page, shadow), bytes);
        assert_memory_equal(page, now, PAGE);
        assert_memory_equal(shadow, now, PAGE);
    }
}

static void deltas_add_up(void **state)
{
    (void)state;
    // Scenario: ten steps of a page; their deltas are applied to a page of zeroes, and the delta of
    // that is taken.
    // Expect: it leads from the first to the last page in one step; steps that cancel out give 0.
    Random random = {2};
    uint8_t first[PAGE], now[PAGE], shadow[PAGE], out[ROOM];
    for (uint32_t round = 0; round < 200; round++) {
        uint8_t sum[PAGE] = {0};
        fill(&random, first);
        memcpy(now, first, PAGE);
        memcpy(shadow, first, PAGE);
        for (uint32_t step = 0; step < 10; step++) {
            scribble(&random, now, 40);
            if (delta_take(out, now, shadow, (DeltaWords){0}, NULL)) {
                delta_apply(out, sum);
            }
        }
        size_t bytes = delta_from_zero(out, sum);
        if (bytes) {
            assert_int_equal(delta_apply(out, first), bytes);
        }
        assert_memory_equal(first, now, PAGE);
    }
    uint8_t nothing[PAGE] = {0};
    assert_int_equal(delta_from_zero(out, nothing), 0);
}

static void the_largest_delta_fits(void **state)
{
    (void)state;
    // Scenario: two pages that differ in every byte, and two that differ in the last byte only.
    // Expect: DELTA_MAX_BYTES and not one more; 8 + 8 + 1.
    uint8_t now[PAGE], shadow[PAGE], page[PAGE], out[ROOM + 64];
    memset(now, 0x55, PAGE);
    memset(shadow, 0xAA, PAGE);
    memset(out, 0xEE, sizeof out);
    assert_int_equal(delta_take(out, now, shadow, (DeltaWords){0}, NULL), DELTA_MAX_BYTES);
    for (size_t i = ROOM; i < sizeof out; i++) {
        assert_int_equal(out[i], 0xEE);
    }
    memset(page, 0xAA, PAGE);
    assert_int_equal(delta_apply(out, page), DELTA_MAX_BYTES);
    assert_memory_equal(page, now, PAGE);
    now[PAGE - 1] ^= 0x10;
    assert_int_equal(delta_take(out, now, shadow, (DeltaWords){0}, NULL), 17);
    assert_int_equal(out[16], 0x10);
}

static void words_are_noticed_in_changed_lines(void **state)
{
    (void)state;
    // Scenario: a word inside, at the ends of, and outside a span; in a changed line, in one that
    // did not change, unaligned; a span of zero; a hit that was there before. Expect: told exactly
    // when an aligned word of a changed line is in the span; never taken back.
    static const struct {
        uint64_t word;
        size_t word_at, change_at;
        DeltaWords words;
        bool hit;
    } cases[] = {
        {0x7f0000001000, 128, 140, {0x7f0000001000, 0x1000}, true}, // the first one
        {0x7f0000001fff, 184, 130, {0x7f0000001000, 0x1000}, true}, // the last one
        {0x7f0000002000, 128, 140, {0x7f0000001000, 0x1000}, false},
        {0x7f0000000fff, 128, 140, {0x7f0000001000, 0x1000}, false},
        {0x7f0000001800, 128, 192, {0x7f0000001000, 0x1000}, false}, // its line did not change
        {0x7f0000001800, 132, 150, {0x7f0000001000, 0x1000}, false}, // not aligned
        {0x7f0000001800, 128, 140, {0x7f0000001000, 0}, false},
        {0xffffffffffffff00, 128, 140, {0xffffffffffff0000, 0xffff}, true},
        {0x8000000000000001, 128, 129, {1, UINT64_C(1) << 63}, false},
        {0x8000000000000000, 128, 129, {1, UINT64_C(1) << 63}, true},
    };
    const DeltaCode *codes[DELTA_CODES_MAX];
    size_t count = delta_codes(codes);
    uint8_t out[ROOM];
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        for (size_t c = 0; c < count; c++) {
            uint8_t now[PAGE] = {0}, shadow[PAGE] = {0};
            bool hit = false;
            memcpy(now + cases[i].word_at, &cases[i].word, 8);
            memcpy(shadow, now, PAGE);
            shadow[cases[i].change_at] = (uint8_t)~now[cases[i].change_at];
            codes[c]->take(out, now, shadow, 64, cases[i].words, &hit);
            assert_int_equal(hit, cases[i].hit);
        }
    }
    uint8_t now[PAGE] = {1}, shadow[PAGE] = {0};
    bool hit = true;
    assert_int_equal(delta_take(out, now, shadow, (DeltaWords){5, 1}, &hit), 17);
    assert_true(hit);
    assert_int_equal(delta_take(out, now, shadow, (DeltaWords){5, 1}, &hit), 0);
    assert_true(hit);
}

static void lines_stay_within_themselves(void **state)
{
    (void)state;
    // Scenario: 0 to 64 lines, each followed by other bytes that differ.
    // Expect: round trip of exactly these lines; a delta of nothing is 8 bytes of zero.
    Random random = {3};
    uint8_t now[PAGE + 64], shadow[PAGE + 64], before[PAGE + 64], out[ROOM], zero[8] = {0};
    for (uint32_t lines = 0; lines <= 64; lines++) {
        size_t bytes = lines * DELTA_LINE_BYTES;
        fill(&random, before);
        memset(before + bytes, 1, sizeof before - bytes);
        memcpy(now, before, sizeof now);
        memcpy(shadow, before, sizeof shadow);
        assert_int_equal(delta_take_lines(out, now, shadow, lines), 8);
        assert_memory_equal(out, zero, 8);
        for (size_t i = 0; i < bytes; i += 1 + next(&random) % 97) {
            now[i] ^= 0x80;
        }
        memset(now + bytes, 2, sizeof now - bytes);
        size_t taken = delta_take_lines(out, now, shadow, lines);
        assert_int_equal(delta_size(out), taken);
        assert_memory_equal(shadow, now, bytes);
        assert_memory_equal(shadow + bytes, before + bytes, sizeof before - bytes);
        assert_int_equal(delta_apply(out, before), taken);
        assert_memory_equal(before, now, bytes);
    }
}

static void all_ways_write_the_same_bytes(void **state)
{
    (void)state;
    // Scenario: random pages through every way that this CPU has; each one's delta applied by each.
    // Expect: the same bytes, the same shadow, the same hit; the first way is the one in use.
    Random random = {4};
    const DeltaCode *codes[DELTA_CODES_MAX];
    size_t count = delta_codes(codes);
    assert_string_equal(codes[0]->name, delta_method());
    assert_string_equal(codes[count - 1]->name, "plain");
    for (uint32_t round = 0; round < 2000; round++) {
        uint8_t before[PAGE], now[PAGE], right[ROOM], out[ROOM], sum[ROOM], page[PAGE], twin[PAGE];
        DeltaWords words = {next(&random), UINT64_MAX >> (round % 60)};
        bool right_hit = false, hit;
        fill(&random, before);
        memcpy(now, before, PAGE);
        scribble(&random, now, AMOUNTS[round % COUNT_OF(AMOUNTS)]);
        memcpy(page, before, PAGE);
        size_t bytes = codes[count - 1]->take(right, now, page, 64, words, &right_hit);
        for (size_t c = 0; c < count; c++) {
            hit = false;
            memcpy(page, before, PAGE);
            assert_int_equal(codes[c]->take(out, now, page, 64, words, &hit), bytes);
            assert_memory_equal(out, right, bytes);
            assert_memory_equal(page, now, PAGE);
            assert_int_equal(hit, right_hit);
            memcpy(page, before, PAGE);
            memcpy(twin, before, PAGE);
            assert_int_equal(codes[c]->apply(out, page, twin), bytes);
            assert_memory_equal(page, now, PAGE);
            assert_memory_equal(twin, now, PAGE);
            for (size_t i = 0; i < PAGE; i++) {
                page[i] ^= before[i];
            }
            assert_int_equal(codes[c]->from_zero(sum, page), bytes);
            assert_memory_equal(sum, right, bytes);
        }
    }
}

static void a_part_is_what_the_whole_does_there(void **state)
{
    (void)state;
    // Scenario: random deltas, applied whole and to a random part of the page: within a line,
    // across lines, at both ends, empty.
    // Expect: the part's bytes are the whole page's there, and both take as many bytes.
    Random random = {9};
    uint8_t before[PAGE], now[PAGE], shadow[PAGE], part[PAGE], out[ROOM];
    for (uint32_t round = 0; round < 3000; round++) {
        fill(&random, before);
        memcpy(now, before, PAGE);
        memcpy(shadow, before, PAGE);
        scribble(&random, now, AMOUNTS[round % COUNT_OF(AMOUNTS)]);
        size_t bytes = delta_take(out, now, shadow, (DeltaWords){0}, NULL);
        uint32_t first = (uint32_t)(next(&random) % PAGE);
        uint32_t count = (uint32_t)(next(&random) % (round % 2 ? 20 : PAGE));
        count = count < PAGE - first ? count : PAGE - first;
        memcpy(part, before + first, count);
        assert_int_equal(delta_apply_part(out, first, count, part), bytes ? bytes : 8);
        assert_memory_equal(part, now + first, count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_go_there_and_back),
        cmocka_unit_test(deltas_add_up),
        cmocka_unit_test(the_largest_delta_fits),
        cmocka_unit_test(words_are_noticed_in_changed_lines),
        cmocka_unit_test(lines_stay_within_themselves),
        cmocka_unit_test(all_ways_write_the_same_bytes),
        cmocka_unit_test(a_part_is_what_the_whole_does_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
