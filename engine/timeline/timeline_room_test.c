#include "timeline_keep.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

// Captures of so much that they are written where they stay, with and without room made ready.

enum { PAGES = 3000, STATE_BYTES = PAGES * PAGE_BYTES, WRITTEN = 2000, MOMENTS_MAX = 64 };
static const size_t LARGE = 512u << 20;

typedef struct Fixture {
    Arena state;
    Timeline *timeline;
    uint8_t *memory;
    uint64_t hashes[MOMENTS_MAX]; // by moment
} Fixture;

static uint64_t hash_now(const Fixture *fixture)
{
    return hash_bytes(fixture->memory, STATE_BYTES);
}

static Fixture begin(DirtyMethod method, bool kept)
{
    Fixture fixture = {0};
    Fault fault;
    TimelineConfig config = {LARGE, method, kept};
    assert_true(arena_open(&fixture.state, 0, STATE_BYTES, &fault));
    fixture.memory = arena_push(&fixture.state, 1, PAGE_BYTES, STATE_BYTES);
    memset(fixture.memory, 7, STATE_BYTES / 2);
    fixture.timeline = timeline_open(&config, &fault);
    assert_non_null(fixture.timeline);
    assert_true(
        timeline_begin(fixture.timeline, fixture.memory, STATE_BYTES, STATE_BYTES / 2, &fault));
    fixture.hashes[0] = hash_now(&fixture);
    return fixture;
}

static void end(Fixture *fixture)
{
    timeline_close(fixture->timeline);
    arena_close(&fixture->state);
}

static void capture(Fixture *fixture, TimelineCapture *did)
{
    const TimelineMoment moment = {.build = 1};
    Fault fault;
    assert_true(
        timeline_capture(fixture->timeline, &moment, STATE_BYTES, (DeltaWords){0}, did, &fault));
    fixture->hashes[timeline_here(fixture->timeline).at] = hash_now(fixture);
}

// WRITTEN pages, and as many bytes of each as `count` says.
static void write_much(Fixture *fixture, uint8_t salt, size_t count)
{
    for (size_t page = 0; page < WRITTEN; page++) {
        for (size_t i = 0; i < count; i++) {
            fixture->memory[page * PAGE_BYTES + i * 7 % PAGE_BYTES] ^=
                (uint8_t)(salt + page % 50 + 1);
        }
    }
}

static void write_little(Fixture *fixture)
{
    fixture->memory[17 * PAGE_BYTES + 5]++;
    fixture->memory[(PAGES - 1) * (size_t)PAGE_BYTES]++;
}

static void assert_all_reached(Fixture *fixture)
{
    uint64_t last = timeline_last(fixture->timeline, 0);
    Fault fault;
    for (uint64_t i = 0; i <= last; i++) {
        TimelinePlace reached, to = {0, i % 2 ? last - i : i};
        assert_true(timeline_seek(fixture->timeline, to, &reached, &fault));
        assert_int_equal(reached.at, to.at);
        assert_true(hash_now(fixture) == fixture->hashes[to.at]);
    }
    TimelinePlace reached;
    assert_true(timeline_seek(fixture->timeline, (TimelinePlace){0, last}, &reached, &fault));
}

static size_t used_bytes(const Fixture *fixture)
{
    TimelineStats stats;
    timeline_stats(fixture->timeline, &stats);
    return stats.used_bytes;
}

static void play(Fixture *fixture, int small)
{
    TimelineCapture did;
    for (int i = 0; i < small; i++) {
        write_little(fixture);
        capture(fixture, &did);
        assert_int_equal(did.page_count, 2);
    }
}

static void much_goes_both_ways(DirtyMethod method)
{
    Fixture fixture = begin(method, false);
    TimelineCapture did;
    play(&fixture, 3);
    for (uint8_t round = 0; round < 3; round++) {
        timeline_expect(fixture.timeline, 0, WRITTEN + 500);
        write_much(&fixture, round, 300);
        capture(&fixture, &did);
        assert_int_equal(did.page_count, WRITTEN);
        for (uint32_t i = 0; i < WRITTEN; i++) {
            assert_int_equal(did.pages[i], i);
        }
        play(&fixture, 14);
    }
    assert_all_reached(&fixture);
    timeline_settle(fixture.timeline); // groups are put together and added up
    assert_all_reached(&fixture);
    end(&fixture);
}

static void much_goes_both_ways_with_uffd(void **state)
{
    // Scenario: 2,000 pages are written at once, three times among small ticks; 500 more are
    // expected and not written.
    // Expect: the capture names the 2,000, and every moment is reached, before and after groups of
    // them were merged.
    (void)state;
    much_goes_both_ways(DIRTY_BEST);
}

static void much_goes_both_ways_with_memfd(void **state)
{
    // Scenario: the same, found by way of a private mapping.
    // Expect: the same.
    (void)state;
    much_goes_both_ways(DIRTY_MEMFD);
}

static void much_goes_both_ways_with_memcmp(void **state)
{
    // Scenario: the same, found by comparing.
    // Expect: the same.
    (void)state;
    much_goes_both_ways(DIRTY_MEMCMP);
}

static void prepare(Fixture *fixture, size_t bytes)
{
    timeline_prepare(fixture->timeline, bytes);
    while (!timeline_is_prepared(fixture->timeline)) {
        usleep(200);
    }
}

static void room_made_ready_is_used_once(void **state)
{
    // Scenario: room is made ready for a large capture; small ticks, the large one, which writes
    // all bytes of its pages, and another that nothing was made ready for.
    // Expect: it does not count as used before; history is as large as without it; every moment is
    // reached.
    Fixture fixture = begin(DIRTY_BEST, false), plain = begin(DIRTY_BEST, false);
    TimelineCapture did;
    (void)state;
    prepare(&fixture, WRITTEN * PAGE_BYTES);
    assert_int_equal(used_bytes(&fixture), used_bytes(&plain));
    Fixture *both[] = {&fixture, &plain};
    for (size_t i = 0; i < COUNT_OF(both); i++) {
        play(both[i], 2);
        write_much(both[i], 1, PAGE_BYTES);
        capture(both[i], &did);
        assert_int_equal(did.page_count, WRITTEN);
        write_much(both[i], 2, 100);
        capture(both[i], &did);
    }
    assert_true(timeline_is_prepared(fixture.timeline));
    assert_int_equal(used_bytes(&fixture), used_bytes(&plain));
    assert_all_reached(&fixture);
    end(&plain);
    end(&fixture);
}

static void room_that_is_not_needed_is_given_back(void **state)
{
    // Scenario: room is made ready and then not wanted, for less than the capture has, for more
    // than there is, and over a new beginning; each time a large capture follows.
    // Expect: nothing counts as used by it, and every moment is reached.
    Fixture fixture = begin(DIRTY_BEST, false);
    TimelineCapture did;
    Fault fault;
    (void)state;
    timeline_prepare(fixture.timeline, WRITTEN * PAGE_BYTES);
    timeline_prepare(fixture.timeline, 0);
    assert_true(timeline_is_prepared(fixture.timeline));
    assert_int_equal(used_bytes(&fixture), 0);
    write_much(&fixture, 1, 60);
    prepare(&fixture, PAGE_BYTES);
    capture(&fixture, &did);
    size_t used = used_bytes(&fixture);
    prepare(&fixture, LARGE);
    assert_int_equal(used_bytes(&fixture), used);
    write_much(&fixture, 2, 60);
    capture(&fixture, &did);
    assert_all_reached(&fixture);
    timeline_prepare(fixture.timeline, WRITTEN * PAGE_BYTES);
    assert_true(timeline_begin(fixture.timeline, fixture.memory, STATE_BYTES, STATE_BYTES, &fault));
    fixture.hashes[0] = hash_now(&fixture);
    assert_int_equal(used_bytes(&fixture), 0);
    write_much(&fixture, 3, 60);
    capture(&fixture, &did);
    assert_all_reached(&fixture);
    timeline_prepare(fixture.timeline, WRITTEN * PAGE_BYTES); // and it ends while it is made ready
    end(&fixture);
}

static TimelineMirror *follow(const Timeline *timeline, int *store)
{
    TimelineHandles theirs = timeline_handles(timeline);
    Fault fault;
    *store = fcntl(theirs.store, F_DUPFD_CLOEXEC, 3);
    theirs.store = fcntl(theirs.store, F_DUPFD_CLOEXEC, 3);
    theirs.index = fcntl(theirs.index, F_DUPFD_CLOEXEC, 3);
    theirs.initials = fcntl(theirs.initials, F_DUPFD_CLOEXEC, 3);
    TimelineMirror *mirror = mirror_open(&theirs, &fault);
    assert_non_null(mirror);
    return mirror;
}

static void what_is_kept_has_it(void **state)
{
    // Scenario: a kept history with a large capture in room made ready, some of whose pages are
    // equal; a mirror follows before and after, writes, and another timeline adopts it.
    // Expect: its memory is the same, and so is every moment.
    Fixture fixture = begin(DIRTY_BEST, true), next = {0};
    TimelineCapture did;
    Fault fault;
    int store, fd = memfd_create("test", MFD_CLOEXEC);
    (void)state;
    TimelineMirror *mirror = follow(fixture.timeline, &store);
    play(&fixture, 2);
    assert_true(mirror_follow(mirror, &fault));
    prepare(&fixture, WRITTEN * PAGE_BYTES);
    timeline_expect(fixture.timeline, 0, WRITTEN + 500);
    write_much(&fixture, 1, PAGE_BYTES);
    capture(&fixture, &did);
    play(&fixture, 2);
    assert_true(mirror_follow(mirror, &fault));
    assert_int_equal(mirror_place(mirror).at, timeline_here(fixture.timeline).at);
    assert_true(mirror_write(mirror, fd, &fault));
    mirror_close(mirror);
    memcpy(next.hashes, fixture.hashes, sizeof(next.hashes));
    uint64_t hash = hash_now(&fixture);
    end(&fixture);
    TimelineConfig config = {LARGE, DIRTY_BEST, true};
    assert_true(arena_open(&next.state, 0, STATE_BYTES, &fault));
    next.memory = arena_push(&next.state, 1, PAGE_BYTES, STATE_BYTES);
    next.timeline = timeline_adopt(&config, store, fd, &fault);
    assert_non_null(next.timeline);
    assert_true(timeline_adopt_range(next.timeline, 0, next.memory, STATE_BYTES, &fault));
    assert_true(timeline_adopt_end(next.timeline, &fault));
    assert_true(hash_now(&next) == hash);
    assert_all_reached(&next);
    end(&next);
    close(store);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(much_goes_both_ways_with_uffd),
        cmocka_unit_test(much_goes_both_ways_with_memfd),
        cmocka_unit_test(much_goes_both_ways_with_memcmp),
        cmocka_unit_test(room_made_ready_is_used_once),
        cmocka_unit_test(room_that_is_not_needed_is_given_back),
        cmocka_unit_test(what_is_kept_has_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
