#include "timeline_trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

// Contents: the oracle, random walks held against it, the ends of history, refusals.

enum {
    PAGES = 96,
    STATE_BYTES = PAGES * PAGE_BYTES,
    SPOTS = 7,
    PLACES_MAX = 1 << 16,
    GLOBALS_BYTES = 2 * PAGE_BYTES
};

// What the spots held, as it was noted when the moment was captured.
typedef struct Known {
    TimelinePlace place;
    uint8_t bytes[SPOTS][TIMELINE_SPOT_BYTES];
    uint32_t build;
} Known;

typedef struct Fixture {
    Arena keep, state, other;
    Timeline *timeline;
    uint8_t *memory, *globals;
    TimelineSpot spots[SPOTS];
    Known *known;
    uint32_t known_count;
    uint64_t random;
    bool writes_much;
} Fixture;

static uint64_t next(Fixture *fixture)
{
    fixture->random ^= fixture->random << 13;
    fixture->random ^= fixture->random >> 7;
    fixture->random ^= fixture->random << 17;
    return fixture->random;
}

static void read_spots(const Fixture *fixture, uint8_t bytes[SPOTS][TIMELINE_SPOT_BYTES])
{
    memset(bytes, 0, SPOTS * TIMELINE_SPOT_BYTES);
    for (int i = 0; i < SPOTS; i++) {
        memcpy(bytes[i], fixture->spots[i].address, fixture->spots[i].bytes);
    }
}

static void note(Fixture *fixture)
{
    assert_true(fixture->known_count < PLACES_MAX);
    Known *known = &fixture->known[fixture->known_count];
    known->build = fixture->known_count++;
    known->place = timeline_here(fixture->timeline);
    read_spots(fixture, known->bytes);
}

static Fixture begin(size_t budget)
{
    Fixture fixture = {.random = 88172645463325252u};
    Fault fault;
    uint32_t page;
    assert_true(arena_open(&fixture.keep, 0, 64u << 20, &fault));
    assert_true(arena_open(&fixture.state, 0, STATE_BYTES, &fault));
    assert_true(arena_open(&fixture.other, 0, GLOBALS_BYTES + PAGE_BYTES, &fault));
    fixture.memory = arena_push(&fixture.state, 1, PAGE_BYTES, STATE_BYTES);
    fixture.globals = arena_push(&fixture.other, 1, PAGE_BYTES, GLOBALS_BYTES);
    fixture.known = ARENA_NEW(&fixture.keep, Known, PLACES_MAX);
    fixture.timeline = timeline_open(&(TimelineConfig){.budget_bytes = budget}, &fault);
    assert_non_null(fixture.timeline);
    const TimelineSpot spots[SPOTS] = {
        {fixture.memory + 5 * PAGE_BYTES + 100, 4},
        {fixture.memory + 5 * PAGE_BYTES + 104, 8}, // beside it
        {fixture.memory + 70 * PAGE_BYTES + 3, 1},
        {fixture.memory + 9 * PAGE_BYTES - 6, 16}, // across two pages, and two lines
        {fixture.memory + 2 * PAGE_BYTES + 56, 16},
        {fixture.memory + 80 * PAGE_BYTES, 8}, // nobody writes here
        {fixture.globals + PAGE_BYTES + 8, 8}};
    memcpy(fixture.spots, spots, sizeof(spots));
    memset(fixture.memory + 5 * PAGE_BYTES, 7, PAGE_BYTES);
    memset(fixture.globals, 9, GLOBALS_BYTES);
    assert_true(
        timeline_add_range(fixture.timeline, fixture.globals, GLOBALS_BYTES, &page, &fault));
    assert_true(timeline_begin(fixture.timeline, fixture.memory, STATE_BYTES, STATE_BYTES, &fault));
    note(&fixture);
    return fixture;
}

static void end(Fixture *fixture)
{
    timeline_close(fixture->timeline);
    arena_close(&fixture->state);
    arena_close(&fixture->other);
    arena_close(&fixture->keep);
}

// Some spots, now and then to what they held already, and something beside them.
static void tick(Fixture *fixture)
{
    TimelineCapture did;
    Fault fault;
    for (int i = 0; i < SPOTS; i++) {
        uint8_t *bytes = (uint8_t *)(uintptr_t)fixture->spots[i].address;
        if (i != 5 && next(fixture) % 4 < 2) {
            bytes[next(fixture) % fixture->spots[i].bytes] = (uint8_t)(next(fixture) % 3);
        }
    }
    uint64_t writes = fixture->writes_much ? 60 : 6;
    for (uint64_t i = 0; i < writes; i++) {
        size_t page = next(fixture) % PAGES;
        if (page != 80) {
            fixture->memory[page * PAGE_BYTES + next(fixture) % PAGE_BYTES] =
                (uint8_t)next(fixture);
        }
    }
    TimelineMoment moment = {.build = fixture->known_count};
    assert_true(
        timeline_capture(fixture->timeline, &moment, STATE_BYTES, (DeltaWords){0}, &did, &fault));
    note(fixture);
}

// By moment and owner, the newest first: a name is never used twice, but a joined chain's is.
static const Known *find(const Fixture *fixture, TimelinePlace place)
{
    for (uint32_t i = fixture->known_count; i-- > 0;) {
        const Known *known = &fixture->known[i];
        if (known->place.branch == place.branch && known->place.at == place.at) {
            return known;
        }
    }
    return NULL;
}

// One trace that is being held against what is known.
typedef struct Check {
    Fixture *fixture;
    uint32_t branch;
    uint64_t seen, last;
    uint64_t stop_after;
    uint8_t bytes[SPOTS][TIMELINE_SPOT_BYTES];
} Check;

static bool check(void *with, const TimelineTraced *traced)
{
    Check *check = with;
    TimelinePlace own =
        timeline_owner(check->fixture->timeline, (TimelinePlace){check->branch, traced->at});
    const Known *known = find(check->fixture, own);
    assert_non_null(known);
    assert_memory_equal(known->bytes, traced->bytes, sizeof(known->bytes));
    assert_int_equal(known->build, traced->build);
    assert_true(check->seen == 0 || traced->at < check->last);
    for (int i = 0; i < SPOTS; i++) {
        bool differs =
            check->seen == 0 || memcmp(check->bytes[i], traced->bytes[i], TIMELINE_SPOT_BYTES) != 0;
        assert_int_equal((traced->changed >> i) & 1, differs);
    }
    memcpy(check->bytes, traced->bytes, sizeof(check->bytes));
    check->last = traced->at;
    check->seen++;
    return check->seen != check->stop_after;
}

static Check trace(Fixture *fixture, TimelinePlace from, uint64_t to)
{
    Check result = {.fixture = fixture, .branch = from.branch};
    uint8_t before[SPOTS][TIMELINE_SPOT_BYTES], after[SPOTS][TIMELINE_SPOT_BYTES];
    TimelinePlace here = timeline_here(fixture->timeline);
    read_spots(fixture, before);
    assert_true(timeline_trace(fixture->timeline, from, to, fixture->spots, SPOTS, check, &result));
    read_spots(fixture, after);
    assert_memory_equal(before, after, sizeof(before));
    assert_int_equal(timeline_here(fixture->timeline).at, here.at);
    return result;
}

static void go(Fixture *fixture, TimelinePlace to)
{
    TimelinePlace reached;
    Fault fault;
    assert_true(timeline_seek(fixture->timeline, to, &reached, &fault));
}

// ------------------------------------------------------------------------------------ random walks

static void every_moment_of_a_run_comes_back(void **state)
{
    (void)state;
    // Scenario: 5,000 ticks, of which the older ones are merged and packed; traces of all of it and
    // of parts, while standing at its end, in the middle and at its beginning.
    // Expect: each moment once, newest first, with the bytes that it had and what changed.
    Fixture fixture = begin(512u << 20);
    for (int i = 0; i < 5000; i++) {
        tick(&fixture);
    }
    timeline_settle(fixture.timeline);
    for (uint64_t stand = 5000;; stand -= 2500) {
        go(&fixture, (TimelinePlace){0, stand});
        assert_int_equal(trace(&fixture, (TimelinePlace){0, 5000}, 0).seen, 5001);
        Check part = trace(&fixture, (TimelinePlace){0, 3001}, 1234);
        assert_int_equal(part.seen, 3001 - 1234 + 1);
        assert_int_equal(part.last, 1234);
        assert_int_equal(trace(&fixture, (TimelinePlace){0, 77}, 77).seen, 1);
        if (stand == 0) {
            break;
        }
    }
    end(&fixture);
}

static void branches_have_their_parents_past(void **state)
{
    (void)state;
    // Scenario: forty times some ticks, a jump to a random moment of this branch, and on from
    // there; then all branches are traced from each other.
    // Expect: the past of each is its own and then its parents', to the byte.
    Fixture fixture = begin(512u << 20);
    for (int i = 0; i < 40; i++) {
        for (uint64_t n = next(&fixture) % 90 + 10; n > 0; n--) {
            tick(&fixture);
        }
        TimelinePlace here = timeline_here(fixture.timeline);
        go(&fixture, (TimelinePlace){here.branch, next(&fixture) % (here.at + 1)});
        tick(&fixture);
    }
    TimelineBranch branches[TIMELINE_BRANCHES_MAX + 1];
    size_t count = timeline_branches(fixture.timeline, branches, COUNT_OF(branches));
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        TimelinePlace last = {branches[i].id, branches[i].last};
        assert_int_equal(trace(&fixture, last, 0).seen, last.at + 1);
        go(&fixture, (TimelinePlace){branches[i].id, branches[i].last / 2});
    }
    end(&fixture);
}

// How many moments between the two can be stood at.
static uint64_t count_reachable(Fixture *fixture, uint64_t first, uint64_t last)
{
    uint64_t count = 0;
    for (uint64_t at = first; at <= last; at++) {
        TimelinePlace reached;
        Fault fault;
        assert_true(timeline_seek(fixture->timeline, (TimelinePlace){0, at}, &reached, &fault));
        count += reached.at == at;
    }
    return count;
}

static void thinned_time_gives_what_is_left(void **state)
{
    (void)state;
    // Scenario: 9,000 ticks that need several times the budget of 6 MiB.
    // Expect: exactly the moments that can still be gone to, each with its bytes; and the same of a
    // part that begins and ends between two that are left.
    Fixture fixture = begin(6u << 20);
    fixture.writes_much = true;
    for (int i = 0; i < 9000; i++) {
        tick(&fixture);
    }
    timeline_settle(fixture.timeline);
    TimelineStats stats;
    timeline_stats(fixture.timeline, &stats);
    assert_true(stats.thinned);
    uint64_t first = timeline_first(fixture.timeline, 0);
    Check all = trace(&fixture, (TimelinePlace){0, 9000}, 0);
    assert_int_equal(all.seen, count_reachable(&fixture, first, 9000));
    assert_true(all.seen < 9000 - first && all.last >= first);
    uint64_t low = first + 33, high = 9000 - 700 - 5;
    assert_int_equal(trace(&fixture, (TimelinePlace){0, high}, low).seen,
                     count_reachable(&fixture, low, high));
    end(&fixture);
}

static void it_ends_when_it_is_enough(void **state)
{
    (void)state;
    // Scenario: whoever is handed the moments has enough after 1, 16, 17 and 300 of 600.
    // Expect: it is not called again.
    Fixture fixture = begin(64u << 20);
    for (int i = 0; i < 600; i++) {
        tick(&fixture);
    }
    for (const uint64_t *n = (const uint64_t[]){1, 16, 17, 300, 0}; *n; n++) {
        Check few = {.fixture = &fixture, .stop_after = *n};
        assert_true(timeline_trace(fixture.timeline, (TimelinePlace){0, 600}, 0, fixture.spots,
                                   SPOTS, check, &few));
        assert_int_equal(few.seen, *n);
    }
    end(&fixture);
}

static void what_is_nowhere_is_refused(void **state)
{
    (void)state;
    // Scenario: a spot outside of every range, one that begins in a range and ends behind it, one
    // of globals that were dropped, a branch that is not there; a moment beyond the last.
    // Expect: false, and nothing is handed over; what is too late is the last one.
    Fixture fixture = begin(64u << 20);
    for (int i = 0; i < 10; i++) {
        tick(&fixture);
    }
    Check none = {.fixture = &fixture};
    TimelineSpot bad = {&fixture, 4};
    assert_false(
        timeline_trace(fixture.timeline, (TimelinePlace){0, 10}, 0, &bad, 1, check, &none));
    bad.address = fixture.globals + GLOBALS_BYTES - 2;
    assert_false(
        timeline_trace(fixture.timeline, (TimelinePlace){0, 10}, 0, &bad, 1, check, &none));
    assert_false(timeline_trace(fixture.timeline, (TimelinePlace){9, 10}, 0, fixture.spots, SPOTS,
                                check, &none));
    assert_int_equal(none.seen, 0);
    assert_int_equal(trace(&fixture, (TimelinePlace){0, 99}, 5).seen, 6);
    timeline_drop_range(fixture.timeline, fixture.globals);
    assert_false(timeline_trace(fixture.timeline, (TimelinePlace){0, 10}, 0, fixture.spots, SPOTS,
                                check, &none));
    assert_int_equal(none.seen, 0);
    end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_moment_of_a_run_comes_back),
        cmocka_unit_test(branches_have_their_parents_past),
        cmocka_unit_test(thinned_time_gives_what_is_left),
        cmocka_unit_test(it_ends_when_it_is_enough),
        cmocka_unit_test(what_is_nowhere_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
