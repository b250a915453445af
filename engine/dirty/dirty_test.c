#include "dirty.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

// Contents: a watched piece of memory, the cases that every method has to pass, the probe.

enum { PAGES_MAX = 8192 };

// Memory, its shadow, and a Dirty that looks at some of it.
typedef struct Fixture {
    DirtyMethod method;
    Arena keep, memory, shadows;
    uint8_t *pages, *shadow;
    Dirty *dirty;
    uint64_t random;
} Fixture;

static uint64_t next(Fixture *fixture)
{
    fixture->random ^= fixture->random << 13;
    fixture->random ^= fixture->random >> 7;
    fixture->random ^= fixture->random << 17;
    return fixture->random;
}

static Fixture begin(DirtyMethod method)
{
    Fixture fixture = {.method = method, .random = 88172645463325252u};
    Fault fault = {0};

    assert_true(arena_open(&fixture.keep, 0, 1u << 20, NULL));
    assert_true(arena_open(&fixture.memory, 0, (size_t)PAGES_MAX * PAGE_BYTES, NULL));
    assert_true(arena_open(&fixture.shadows, 0, (size_t)PAGES_MAX * PAGE_BYTES, NULL));
    fixture.pages = arena_push(&fixture.memory, PAGE_BYTES, PAGE_BYTES, PAGES_MAX);
    fixture.shadow = arena_push(&fixture.shadows, PAGE_BYTES, PAGE_BYTES, PAGES_MAX);
    fixture.dirty = dirty_open(&fixture.keep, method, &fault);
    assert_string_equal(fault.text, "");
    assert_non_null(fixture.dirty);
    assert_int_equal(dirty_method(fixture.dirty), method);
    return fixture;
}

static void end(Fixture *fixture)
{
    dirty_close(fixture->dirty);
    arena_close(&fixture->shadows);
    arena_close(&fixture->memory);
    arena_close(&fixture->keep);
}

static uint8_t *page(Fixture *fixture, size_t index)
{
    return fixture->pages + index * PAGE_BYTES;
}

// Always other bytes than before: memcmp sees nothing else.
static void write_page(Fixture *fixture, size_t index)
{
    page(fixture, index)[next(fixture) % PAGE_BYTES]++;
}

static void watch_as(Fixture *fixture, size_t first, size_t count, bool big)
{
    memcpy(fixture->shadow + first * PAGE_BYTES, page(fixture, first), count * PAGE_BYTES);
    assert_true(dirty_watch(fixture->dirty, page(fixture, first), count * PAGE_BYTES,
                            fixture->shadow + first * PAGE_BYTES, big, NULL));
}

static void watch(Fixture *fixture, size_t first, size_t count)
{
    watch_as(fixture, first, count, false);
}

static void assert_spans_are_in_order(const DirtySpan *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(spans[i].first < spans[i].end);
        assert_true(i == 0 || spans[i].first > spans[i - 1].end);
        assert_true(spans[i].first % PAGE_BYTES == 0 && spans[i].end % PAGE_BYTES == 0);
    }
}

// The pages `first`, `first + step` ... (count of them) and no others.
static void assert_pages(Fixture *fixture, const DirtySpan *spans, size_t span_count, size_t first,
                         size_t count, size_t step)
{
    size_t wanted = first, seen = 0;

    assert_spans_are_in_order(spans, span_count);
    for (size_t i = 0; i < span_count; i++) {
        for (uintptr_t at = spans[i].first; at < spans[i].end; at += PAGE_BYTES) {
            assert_int_equal((at - (uintptr_t)fixture->pages) / PAGE_BYTES, wanted);
            wanted += step;
            seen++;
        }
    }
    assert_int_equal(seen, count);
}

static void copy_spans(Fixture *fixture, const DirtySpan *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = spans[i].first - (uintptr_t)fixture->pages;
        memcpy(fixture->shadow + at, fixture->pages + at, spans[i].end - spans[i].first);
    }
}

static void expect_taken(Fixture *fixture, size_t first, size_t count, size_t step)
{
    const DirtySpan *spans;
    size_t span_count;
    Fault fault = {0};

    dirty_take(fixture->dirty, &spans, &span_count, &fault);
    assert_string_equal(fault.text, "");
    assert_pages(fixture, spans, span_count, first, count, step);
    copy_spans(fixture, spans, span_count);
    dirty_settle(fixture->dirty, &fault);
    assert_string_equal(fault.text, "");
}

static void expect_peeked(Fixture *fixture, size_t first, size_t count, size_t step)
{
    const DirtySpan *spans;
    size_t span_count;
    Fault fault = {0};

    dirty_peek(fixture->dirty, &spans, &span_count, &fault);
    assert_string_equal(fault.text, "");
    assert_pages(fixture, spans, span_count, first, count, step);
}

// ---------------------------------------------------------- the cases that every method has to
// pass

static void sees_the_first_and_the_last_byte(Fixture *fixture)
{
    // Scenario: 100 pages with contents; then the first byte, the last byte and two in between.
    // Expect: clean at first; exactly these pages, once; the contents are kept all the way.
    memset(page(fixture, 0), 0x5A, 100 * PAGE_BYTES);
    watch(fixture, 0, 100);
    expect_taken(fixture, 0, 0, 1);
    page(fixture, 0)[0] = 1;
    page(fixture, 33)[77] = 2;
    page(fixture, 66)[78] = 2;
    page(fixture, 100)[-1] = 3;
    expect_taken(fixture, 0, 4, 33);
    expect_taken(fixture, 0, 0, 1);
    assert_int_equal(page(fixture, 0)[0], 1);
    assert_int_equal(page(fixture, 0)[1], 0x5A);
    assert_int_equal(page(fixture, 100)[-1], 3);
    assert_int_equal(page(fixture, 70)[12], 0x5A);
}

static void sees_what_the_kernel_writes(Fixture *fixture)
{
    // Scenario: read() from a pipe into two pages, across their border.
    // Expect: it does not fail; both are reported, with the bytes in them, and again the next time.
    char bytes[64];
    int ends[2];
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(pipe(ends), 0);
    watch(fixture, 0, 40);
    for (uint32_t round = 0; round < 3; round++) {
        bytes[0]++;
        bytes[63]++;
        assert_int_equal(write(ends[1], bytes, sizeof bytes), sizeof bytes);
        assert_int_equal(read(ends[0], page(fixture, 21) - 32, sizeof bytes), sizeof bytes);
        expect_taken(fixture, 20, 2, 1);
        assert_memory_equal(page(fixture, 21) - 32, bytes, sizeof bytes);
    }
    close(ends[0]);
    close(ends[1]);
}

static void grows_piece_by_piece(Fixture *fixture)
{
    // Scenario: neighbouring pieces are watched one after the other, one of them out of order, with
    // writes in between; hundreds of them, which is more than there is room for separate ranges.
    // Expect: each piece is clean when it is added, and writes to older ones are not forgotten.
    watch(fixture, 0, 10);
    write_page(fixture, 9);
    write_page(fixture, 10);
    watch(fixture, 20, 10);
    write_page(fixture, 15);
    watch(fixture, 10, 10);
    expect_taken(fixture, 9, 1, 1);
    for (size_t i = 10; i < 21; i++) {
        write_page(fixture, i);
    }
    expect_taken(fixture, 10, 11, 1);
    for (size_t i = 0; i < 2000; i++) {
        watch(fixture, 30 + i, 1);
    }
    for (size_t i = 0; i < 2030; i += 7) {
        write_page(fixture, i);
    }
    expect_taken(fixture, 0, 290, 7);
}

static void unwatched_memory_is_left_alone(Fixture *fixture)
{
    // Scenario: pages are written; the middle of the range is no longer watched, between a take and
    // its settle; all is written again; the piece is watched again.
    // Expect: nothing of the middle is reported, it keeps what it holds, is ordinary memory and can
    // come back clean.
    const DirtySpan *spans;
    size_t count;
    memset(page(fixture, 0), 9, 60 * PAGE_BYTES);
    watch(fixture, 0, 30);
    watch(fixture, 30, 30);
    page(fixture, 25)[0] = 77;
    assert_true(dirty_take(fixture->dirty, &spans, &count, NULL));
    assert_pages(fixture, spans, count, 25, 1, 1);
    page(fixture, 35)[0] = 78;
    dirty_unwatch(fixture->dirty, page(fixture, 20), 20 * PAGE_BYTES);
    assert_true(dirty_settle(fixture->dirty, NULL));
    assert_int_equal(page(fixture, 25)[0], 77);
    assert_int_equal(page(fixture, 25)[1], 9);
    assert_int_equal(page(fixture, 35)[0], 78);
    expect_taken(fixture, 0, 0, 1);
    for (size_t i = 0; i < 60; i++) {
        write_page(fixture, i);
    }
    assert_true(dirty_take(fixture->dirty, &spans, &count, NULL));
    assert_int_equal(count, 2);
    assert_int_equal(spans[0].first, (uintptr_t)page(fixture, 0));
    assert_int_equal(spans[0].end, (uintptr_t)page(fixture, 20));
    assert_int_equal(spans[1].first, (uintptr_t)page(fixture, 40));
    assert_int_equal(spans[1].end, (uintptr_t)page(fixture, 60));
    copy_spans(fixture, spans, count);
    assert_true(dirty_settle(fixture->dirty, NULL));
    watch(fixture, 20, 20);
    expect_taken(fixture, 0, 0, 1);
    write_page(fixture, 20);
    write_page(fixture, 39);
    expect_taken(fixture, 20, 2, 19);
    dirty_unwatch(fixture->dirty, page(fixture, 0), (size_t)PAGES_MAX * PAGE_BYTES);
    write_page(fixture, 5);
    expect_taken(fixture, 0, 0, 1);
}

static void peeking_leaves_pages_dirty(Fixture *fixture)
{
    // Scenario: peek twice, undo one page from the shadow, peek, take, peek.
    // Expect: peeks report the same until the take; a page that was put back is dirty or, with
    // memcmp, clean.
    bool compares = fixture->method == DIRTY_MEMCMP;
    watch(fixture, 0, 600);
    write_page(fixture, 3);
    write_page(fixture, 103);
    expect_peeked(fixture, 3, 2, 100);
    expect_peeked(fixture, 3, 2, 100);
    memcpy(page(fixture, 103), fixture->shadow + (size_t)103 * PAGE_BYTES, PAGE_BYTES);
    expect_peeked(fixture, 3, compares ? 1 : 2, 100);
    expect_taken(fixture, 3, compares ? 1 : 2, 100);
    expect_peeked(fixture, 0, 0, 1);
    write_page(fixture, 599);
    expect_peeked(fixture, 599, 1, 1);
    expect_taken(fixture, 599, 1, 1);
}

static void reading_is_not_writing(Fixture *fixture)
{
    // Scenario: pages that were never touched are read, before and after a take.
    // Expect: they stay clean, and are seen once they are written.
    watch(fixture, 0, 3000);
    for (uint32_t round = 0; round < 2; round++) {
        uint32_t sum = 0;
        for (size_t i = 0; i < 3000; i += 3) {
            sum += *(volatile uint8_t *)page(fixture, i);
        }
        assert_int_equal(sum, 0);
        expect_taken(fixture, 0, 0, 1);
    }
    write_page(fixture, 1500);
    write_page(fixture, 1501);
    expect_taken(fixture, 1500, 2, 1);
}

static void many_spans_come_in_order(Fixture *fixture)
{
    // Scenario: every second page of 8192 (nobody reports as many regions in one go); then all.
    // Expect: every second page, in address order, in peek and take; then one span.
    const DirtySpan *spans;
    size_t count;
    watch(fixture, 0, PAGES_MAX);
    for (size_t i = 0; i < PAGES_MAX; i += 2) {
        write_page(fixture, i);
    }
    expect_peeked(fixture, 0, PAGES_MAX / 2, 2);
    expect_taken(fixture, 0, PAGES_MAX / 2, 2);
    for (size_t i = 0; i < PAGES_MAX; i++) {
        write_page(fixture, i);
    }
    assert_true(dirty_take(fixture->dirty, &spans, &count, NULL));
    assert_int_equal(count, 1);
    assert_pages(fixture, spans, count, 0, PAGES_MAX, 1);
}

static void agrees_with_a_comparison(Fixture *fixture)
{
    // Scenario: 10,000 rounds of random writes, some single, some runs, now and then a peek, an
    // expected seek over some pages, or another piece of memory.
    // Expect: each time exactly the pages that differ from a copy; after an expected seek with uffd
    // at least those.
    size_t watched = 40, expected_pages = fixture->method == DIRTY_UFFD ? 20 : 0;
    watch(fixture, 0, watched);
    for (uint32_t round = 0; round < 10000; round++) {
        uint64_t count = next(fixture) % 8;
        bool expected = round % 50 == 49;
        const DirtySpan *spans;
        size_t span_count, reported = 0, differ = 0;
        if (expected) {
            dirty_expect(fixture->dirty, page(fixture, 10), 20 * PAGE_BYTES);
        }
        for (uint64_t i = 0; i < count; i++) {
            size_t first = next(fixture) % watched, run = next(fixture) % 4 == 0 ? 9 : 1;
            for (size_t at = first; at < first + run && at < watched; at++) {
                write_page(fixture, at);
            }
        }
        for (size_t i = 0; i < watched; i++) {
            differ += memcmp(page(fixture, i), fixture->shadow + i * PAGE_BYTES, PAGE_BYTES) != 0;
        }
        assert_true(dirty_peek(fixture->dirty, &spans, &span_count, NULL));
        assert_true(dirty_take(fixture->dirty, &spans, &span_count, NULL));
        assert_spans_are_in_order(spans, span_count);
        for (size_t i = 0; i < span_count; i++) {
            reported += (spans[i].end - spans[i].first) / PAGE_BYTES;
        }
        copy_spans(fixture, spans, span_count);
        assert_int_equal(memcmp(fixture->shadow, fixture->pages, watched * PAGE_BYTES), 0);
        assert_true(reported >= differ);
        assert_true(reported <= (expected ? differ + expected_pages : differ));
        assert_true(dirty_settle(fixture->dirty, NULL));
        if (round % 500 == 499) {
            watch(fixture, watched, 2);
            watched += 2;
        }
    }
}

static void big_memory_is_followed_too(Fixture *fixture)
{
    // Scenario: memory with huge pages allowed, half of it in use, the other half never touched.
    // Expect: writes to either half are reported, and nothing that was only read in the half in
    // use. Of the half never touched up to 2 MiB around a write may be reported, once.
    enum { HALF = PAGES_MAX / 2 };
    const DirtySpan *spans;
    size_t count;
    memset(page(fixture, 0), 1, (size_t)HALF * PAGE_BYTES);
    watch_as(fixture, 0, PAGES_MAX, true);
    expect_taken(fixture, 0, 0, 1);
    for (size_t i = 0; i < HALF; i++) {
        assert_int_equal(*(volatile uint8_t *)page(fixture, i), 1);
    }
    write_page(fixture, 1000);
    expect_taken(fixture, 1000, 1, 1);
    write_page(fixture, HALF + 1024);
    assert_true(dirty_take(fixture->dirty, &spans, &count, NULL));
    assert_int_equal(count, 1);
    assert_true(spans[0].first <= (uintptr_t)page(fixture, HALF + 1024)
                && spans[0].end > (uintptr_t)page(fixture, HALF + 1024)
                && spans[0].end - spans[0].first <= 2u << 20);
    copy_spans(fixture, spans, count);
    assert_true(dirty_settle(fixture->dirty, NULL));
    expect_taken(fixture, 0, 0, 1);
    write_page(fixture, HALF + 1024);
    write_page(fixture, 4);
    expect_taken(fixture, 4, 2, HALF + 1020);
}

static void too_many_ranges_are_refused(Fixture *fixture)
{
    // Scenario: every second page is watched by itself until there is no room; one is unwatched.
    // Expect: FAULT_MEMORY; those that are watched still are; then there is room for one.
    Fault fault;
    size_t count = 0;
    while (dirty_watch(fixture->dirty, page(fixture, 2 * count), PAGE_BYTES,
                       fixture->shadow + 2 * count * PAGE_BYTES, false, &fault)) {
        count++;
        assert_true(count < DIRTY_RANGES_MAX);
    }
    assert_int_equal(fault.kind, FAULT_MEMORY);
    assert_true(count >= DIRTY_RANGES_MAX - 2);
    write_page(fixture, 2 * count - 2);
    expect_taken(fixture, 2 * count - 2, 1, 1);
    dirty_unwatch(fixture->dirty, page(fixture, 2), PAGE_BYTES);
    watch(fixture, 2 * count, 1);
    write_page(fixture, 0);
    write_page(fixture, 2);
    expect_taken(fixture, 0, 1, 1);
}

static void closing_leaves_the_contents(Fixture *fixture)
{
    // Scenario: written, taken, settled, written, closed.
    // Expect: the memory holds what was written, and takes more.
    watch(fixture, 0, 30);
    memset(page(fixture, 0), 3, 30 * PAGE_BYTES);
    expect_taken(fixture, 0, 30, 1);
    memset(page(fixture, 10), 4, PAGE_BYTES);
    dirty_close(fixture->dirty);
    fixture->dirty = NULL;
    assert_int_equal(page(fixture, 9)[5], 3);
    assert_int_equal(page(fixture, 10)[5], 4);
    memset(page(fixture, 0), 5, 30 * PAGE_BYTES);
    assert_int_equal(page(fixture, 29)[5], 5);
}

static void (*const CASES[])(Fixture *) = {
    sees_the_first_and_the_last_byte, sees_what_the_kernel_writes, grows_piece_by_piece,
    unwatched_memory_is_left_alone,   peeking_leaves_pages_dirty,  reading_is_not_writing,
    many_spans_come_in_order,         agrees_with_a_comparison,    big_memory_is_followed_too,
    too_many_ranges_are_refused,      closing_leaves_the_contents,
};

static void run_cases(DirtyMethod method)
{
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        Fixture fixture = begin(method);
        CASES[i](&fixture);
        end(&fixture);
    }
}

static void memcmp_passes(void **state)
{
    (void)state;
    // Scenario: all cases above with every page compared.
    // Expect: they pass everywhere.
    run_cases(DIRTY_MEMCMP);
}

static void memfd_passes(void **state)
{
    (void)state;
    // Scenario: all cases above with a private mapping of a memfd.
    // Expect: they pass on any Linux.
    run_cases(DIRTY_MEMFD);
}

static void uffd_passes(void **state)
{
    (void)state;
    // Scenario: all cases above with userfaultfd, where the kernel has it.
    // Expect: they pass; where it is missing the probe says why.
    char why[256];
    if (dirty_probe(why, sizeof why) != DIRTY_UFFD) {
        assert_int_equal(strncmp(why, "uffd: ", 6), 0);
        skip();
    }
    run_cases(DIRTY_UFFD);
}

// --------------------------------------------------------------------------------------- the probe

static void names_lead_there_and_back(void **state)
{
    (void)state;
    // Scenario: the names of all methods, and of none.
    // Expect: each leads to its method; anything else is refused and changes nothing.
    DirtyMethod method;
    for (DirtyMethod i = DIRTY_BEST; i <= DIRTY_MEMCMP; i++) {
        assert_true(dirty_method_from(dirty_method_name(i), &method));
        assert_int_equal(method, i);
    }
    assert_false(dirty_method_from("mprotect", &method));
    assert_false(dirty_method_from("", &method));
    assert_int_equal(method, DIRTY_MEMCMP);
}

// In a process of its own, because limits cannot be raised again by everybody.
static void probe_under_limit(int resource, rlim_t limit, DirtyMethod forced, int report)
{
    struct rlimit low = {limit, limit};
    char why[256];
    Arena keep;
    Fault fault = {0};

    setrlimit(resource, &low);
    DirtyMethod best = dirty_probe(why, sizeof why);
    bool opened = arena_open(&keep, 0, 1u << 20, &fault) && dirty_open(&keep, forced, &fault);
    dprintf(report, "%s|%s|%d|%s", dirty_method_name(best), why, opened, fault.text);
    _exit(0);
}

static void ask_under_limit(int resource, rlim_t limit, DirtyMethod forced, char answer[2048])
{
    int ends[2], status;
    ssize_t got;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        probe_under_limit(resource, limit, forced, ends[1]);
    }
    close(ends[1]);
    got = read(ends[0], answer, 2047);
    assert_true(got > 0);
    answer[got] = 0;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void a_method_that_does_not_work_says_why(void **state)
{
    (void)state;
    // Scenario: no more descriptors may be opened; and, apart from that, files may not grow.
    // Expect: memcmp is what works without descriptors, with a reason for each better one; with the
    // limit on files memfd is refused with its name, the reason, and what to do; no signal.
    char answer[2048];
    ask_under_limit(RLIMIT_NOFILE, 3, DIRTY_MEMCMP, answer);
    assert_int_equal(strncmp(answer, "memcmp|uffd: ", 13), 0);
    assert_non_null(strstr(answer, "; memfd: no file in memory: Too many open files|1|"));
    ask_under_limit(RLIMIT_FSIZE, 1u << 20, DIRTY_MEMFD, answer);
    assert_non_null(strstr(answer, "|0|written pages cannot be found with memfd here: the size of "
                                   "files is limited (ulimit -f); leave the choice to hotloop"));
}

static void the_best_is_the_first_that_works(void **state)
{
    (void)state;
    // Scenario: ask for the best method, with and without room for the reasons.
    // Expect: the probe's answer is what is opened; no reason exactly when it is the very best.
    char why[256] = "not written";
    Arena keep;
    DirtyMethod best = dirty_probe(why, sizeof why);
    assert_int_equal(why[0] == 0, best == DIRTY_UFFD);
    assert_int_equal(dirty_probe(NULL, 0), best);
    assert_true(arena_open(&keep, 0, 1u << 20, NULL));
    Dirty *dirty = dirty_open(&keep, DIRTY_BEST, NULL);
    assert_int_equal(dirty_method(dirty), best);
    dirty_close(dirty);
    dirty_close(NULL);
    arena_close(&keep);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memcmp_passes),
        cmocka_unit_test(memfd_passes),
        cmocka_unit_test(uffd_passes),
        cmocka_unit_test(names_lead_there_and_back),
        cmocka_unit_test(a_method_that_does_not_work_says_why),
        cmocka_unit_test(the_best_is_the_first_that_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
