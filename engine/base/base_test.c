#include "base.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void fault_carries_its_text(void **state)
{
    (void)state;
    // Scenario: a fault is set, then set again with its own text as an argument.
    // Expect: false each time, the text grown and not torn; a NULL fault is fine.
    Fault fault;
    assert_false(fault_set(&fault, FAULT_FILE, "a.so: %s", "gone"));
    assert_false(fault_set(&fault, FAULT_LIBRARY, "[%s]; previous code kept", fault.text));
    assert_string_equal(fault.text, "[a.so: gone]; previous code kept");
    assert_int_equal(fault.kind, FAULT_LIBRARY);
    assert_false(fault_set(NULL, FAULT_FILE, "nobody listens"));
    char place[64];
    fault.line = 7;
    fault_place(&fault, place, sizeof(place));
    assert_string_equal(place, "");
    strcpy(fault.file, "a.c");
    fault_place(&fault, place, sizeof(place));
    assert_string_equal(place, "a.c:7");
    fault.line = 0;
    strcpy(fault.file, "update()");
    fault_place(&fault, place, sizeof(place));
    assert_string_equal(place, "update()");
}

static void nearest_word_is_what_was_meant(void **state)
{
    (void)state;
    // Scenario: misspelt, transposed, cut and quite different words.
    // Expect: the word that was meant, or none.
    static const char *const WORDS[] = {"run", "new", "ctl", "--headless", "--help", "--ticks"};
    assert_string_equal(text_nearest("rnu", WORDS, COUNT_OF(WORDS)), "run");
    assert_string_equal(text_nearest("--headles", WORDS, COUNT_OF(WORDS)), "--headless");
    assert_string_equal(text_nearest("--tick", WORDS, COUNT_OF(WORDS)), "--ticks");
    assert_null(text_nearest("zzzzzz", WORDS, COUNT_OF(WORDS)));
    assert_null(text_nearest("", WORDS, COUNT_OF(WORDS)));
}

static void sizes_are_read_and_checked(void **state)
{
    (void)state;
    // Scenario: sizes with and without units, nonsense, overflow.
    // Expect: bytes, or false.
    size_t bytes;
    assert_true(text_to_bytes("64M", &bytes));
    assert_int_equal(bytes, 64u << 20);
    assert_true(text_to_bytes("512k", &bytes));
    assert_int_equal(bytes, 512u << 10);
    assert_true(text_to_bytes("1GiB", &bytes));
    assert_int_equal(bytes, 1ull << 30);
    assert_true(text_to_bytes("4096", &bytes));
    assert_false(text_to_bytes("", &bytes));
    assert_false(text_to_bytes("M", &bytes));
    assert_false(text_to_bytes("-1", &bytes));
    assert_false(text_to_bytes("12Q", &bytes));
    assert_false(text_to_bytes("99999999999999999999", &bytes));
    assert_false(text_to_bytes("18446744073709551615T", &bytes));
    uint64_t value;
    assert_true(text_to_u64("18446744073709551615", 0, UINT64_MAX, &value));
    assert_false(text_to_u64("18446744073709551616", 0, UINT64_MAX, &value));
    assert_false(text_to_u64("5", 6, 9, &value));
    assert_false(text_to_u64("5x", 0, 9, &value));
}

static void text_is_made_harmless(void **state)
{
    (void)state;
    // Scenario: terminal escapes, C1 controls, broken and good UTF-8, a small buffer.
    // Expect: only the good bytes survive; no sequence is cut in half.
    char out[64];
    text_clean(out, sizeof(out), "a\x1b[2Jb\nc\t\x7f", false);
    assert_string_equal(out, "a?[2Jb?c\t?");
    text_clean(out, sizeof(out), "a\nb", true);
    assert_string_equal(out, "a\nb");
    text_clean(out, sizeof(out), "gr\xc3\xbc\xc3\x9f \xc2\x9b x \xff \xe2\x82\xac", false);
    assert_string_equal(out, "gr\xc3\xbc\xc3\x9f ? x ? \xe2\x82\xac");
    text_clean(out, 3, "a\xc3\xbc", false);
    assert_string_equal(out, "a");
    text_clean(out, sizeof(out), "\xe0\x80\x80\xed\xa0\x80", false);
    assert_string_equal(out, "??????");
}

static void code_points_are_read(void **state)
{
    (void)state;
    // Scenario: one of each length, a broken byte, a cut sequence at the end.
    // Expect: the code points, U+FFFD for what is broken, then 0 for ever.
    const char *text = "a\xc3\xbc\xe2\x82\xac\xf0\x9f\x8e\xae\xff\xe2\x82";
    static const uint32_t EXPECTED[] = {'a', 0xFC, 0x20AC, 0x1F3AE, 0xFFFD, 0xFFFD, 0xFFFD, 0, 0};
    for (size_t i = 0; i < COUNT_OF(EXPECTED); i++) {
        assert_int_equal(text_next(&text), EXPECTED[i]);
    }
}

static void log_is_rate_limited(void **state)
{
    (void)state;
    // Scenario: 5,000 lines at once, with stderr in a pipe.
    // Expect: far fewer come out, and escapes in them are gone.
    int ends[2], kept = dup(STDERR_FILENO);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    for (int i = 0; i < 5000; i++) {
        log_line(LOG_INFO, "x\x1b[0m");
    }
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    close(kept);
    static char out[1 << 16];
    size_t used = 0;
    for (ssize_t got; (got = read(ends[0], out + used, sizeof(out) - 1 - used)) > 0;) {
        used += (size_t)got;
    }
    close(ends[0]);
    int lines = 0;
    for (size_t i = 0; i < used; i++) {
        lines += out[i] == '\n';
    }
    assert_in_range(lines, 1, 1000);
    assert_null(strchr(out, '\x1b'));
}

static void clock_sleeps_at_least_until(void **state)
{
    (void)state;
    // Scenario: sleep until a moment ahead, then until one that has passed.
    // Expect: never back before the moment.
    uint64_t until = mono_ns() + 2 * NS_PER_MS;
    mono_sleep_until(until);
    assert_true(mono_ns() >= until);
    mono_sleep_until(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault_carries_its_text),
        cmocka_unit_test(nearest_word_is_what_was_meant),
        cmocka_unit_test(sizes_are_read_and_checked),
        cmocka_unit_test(text_is_made_harmless),
        cmocka_unit_test(code_points_are_read),
        cmocka_unit_test(log_is_rate_limited),
        cmocka_unit_test(clock_sleeps_at_least_until),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
