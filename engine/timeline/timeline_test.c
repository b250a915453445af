#include "timeline_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

// Contents: the oracle, a random walk held against it, far ways, ranges, undo, places, the reader.

enum { PAGES = 320, STATE_BYTES = PAGES * PAGE_BYTES, FIRST_PAGES = 40, PLACES_MAX = 1 << 16 };
static const size_t LARGE = 512u << 20, TINY = 2u << 20;

// The hash that memory had at a place, noted when it was captured.
typedef struct Known {
    TimelinePlace place;
    uint64_t hash;
} Known;

typedef struct Fixture {
    Arena keep, state;
    Timeline *timeline;
    uint8_t *memory;
    size_t used_pages, budget;
    Known *known; // in order of capture
    uint32_t known_count;
    uint64_t random, seeks, exact, looks;
} Fixture;

static uint64_t next(Fixture *fixture)
{
    fixture->random ^= fixture->random << 13;
    fixture->random ^= fixture->random >> 7;
    fixture->random ^= fixture->random << 17;
    return fixture->random;
}

static uint64_t hash_now(const Fixture *fixture)
{
    return hash_bytes(fixture->memory, STATE_BYTES);
}

static void note(Fixture *fixture)
{
    assert_true(fixture->known_count < PLACES_MAX);
    fixture->known[fixture->known_count++] =
        (Known){timeline_here(fixture->timeline), hash_now(fixture)};
}

static Fixture begin(DirtyMethod method, size_t budget)
{
    Fixture fixture = {.random = 88172645463325252u, .used_pages = FIRST_PAGES, .budget = budget};
    Fault fault;
    assert_true(arena_open(&fixture.keep, 0, 16u << 20, &fault));
    assert_true(arena_open(&fixture.state, 0, STATE_BYTES, &fault));
    fixture.memory = arena_push(&fixture.state, 1, PAGE_BYTES, STATE_BYTES);
    fixture.known = ARENA_NEW(&fixture.keep, Known, PLACES_MAX);
    TimelineConfig config = {budget, method, false};
    fixture.timeline = timeline_open(&config, &fault);
    assert_non_null(fixture.timeline);
    memset(fixture.memory, 7, PAGE_BYTES);
    assert_true(timeline_begin(fixture.timeline, fixture.memory, STATE_BYTES,
                               FIRST_PAGES * PAGE_BYTES, &fault));
    note(&fixture);
    return fixture;
}

static void end(Fixture *fixture)
{
    timeline_close(fixture->timeline);
    arena_close(&fixture->state);
    arena_close(&fixture->keep);
}

static void write_some(Fixture *fixture)
{
    uint64_t pages = next(fixture) % 50 == 0 ? 150 : next(fixture) % 6;
    for (uint64_t i = 0; i < pages; i++) {
        size_t page = next(fixture) % fixture->used_pages;
        for (int k = 0; k < 5; k++) {
            fixture->memory[page * PAGE_BYTES + next(fixture) % PAGE_BYTES] =
                (uint8_t)next(fixture);
        }
    }
    fixture->used_pages += fixture->used_pages < PAGES && next(fixture) % 20 == 0;
}

static void assert_in_budget(const Fixture *fixture)
{
    TimelineStats stats;
    timeline_stats(fixture->timeline, &stats);
    assert_int_equal(stats.budget_bytes, fixture->budget);
    assert_true(stats.used_bytes <= fixture->budget);
}

static TimelineMoment moment_of(uint32_t number)
{
    TimelineMoment moment = {.build = number, .first_of_build = number % 3 == 0};
    moment.restart = number % 7 == 0;
    moment.edit = number % 5 == 0;
    moment.input.mouse.x = (float)number;
    return moment;
}

static TimelineCapture capture(Fixture *fixture)
{
    TimelineMoment moment = moment_of(fixture->known_count), back;
    TimelineCapture did;
    Fault fault;
    assert_true(timeline_capture(fixture->timeline, &moment, fixture->used_pages * PAGE_BYTES,
                                 (DeltaWords){0}, &did, &fault));
    assert_in_budget(fixture);
    assert_true(timeline_moment(fixture->timeline, timeline_here(fixture->timeline), &back));
    assert_memory_equal(&back.input, &moment.input, sizeof(back.input));
    assert_true(back.build == moment.build && back.restart == moment.restart
                && back.edit == moment.edit && back.first_of_build == moment.first_of_build);
    note(fixture);
    return did;
}

static void tick(Fixture *fixture)
{
    write_some(fixture);
    (void)capture(fixture);
}

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

// Memory, and every known place, are what they were when they were captured. Branches whose chain
// was joined go by another name; their hash is among those of that moment then.
static void assert_here_is_right(const Fixture *fixture, TimelinePlace reached)
{
    TimelinePlace own = timeline_owner(fixture->timeline, reached);
    const Known *known = find(fixture, own);
    uint64_t hash = hash_now(fixture);
    if (known && known->hash == hash) {
        return;
    }
    bool found = false;
    for (uint32_t i = 0; !known && i < fixture->known_count; i++) {
        found |= fixture->known[i].place.at == own.at && fixture->known[i].hash == hash;
    }
    if (!found) {
        fail_msg("%u:%lu holds something else", own.branch, (unsigned long)own.at);
    }
}

static bool go(Fixture *fixture, TimelinePlace to, TimelinePlace *reached)
{
    Fault fault;
    if (!timeline_seek(fixture->timeline, to, reached, &fault)) {
        return false;
    }
    assert_true(reached->at <= to.at
                || reached->at == timeline_first(fixture->timeline, to.branch));
    assert_here_is_right(fixture, *reached);
    fixture->seeks++;
    fixture->exact += reached->at == to.at;
    return true;
}

// Somewhere that was seen, lately more often than long ago; now and then on from the end of some
// branch, else from there, which forks.
static void jump(Fixture *fixture)
{
    enum { LATELY = 300 };
    uint32_t count = fixture->known_count, late = count < LATELY ? count : LATELY;
    uint32_t pick = (uint32_t)(next(fixture) % 4 == 0 ? next(fixture) % count
                                                      : count - 1 - next(fixture) % late);
    TimelinePlace reached;
    if (next(fixture) % 2) { // not captured: lost
        fixture->memory[next(fixture) % (fixture->used_pages * PAGE_BYTES)] ^= 1;
    }
    if (!go(fixture, fixture->known[pick].place, &reached)) {
        return; // dropped meanwhile
    }
    if (next(fixture) % 3 == 0) {
        TimelineBranch branches[TIMELINE_BRANCHES_MAX + 1];
        size_t n = timeline_branches(fixture->timeline, branches, COUNT_OF(branches));
        const TimelineBranch *branch = &branches[next(fixture) % n];
        assert_true(go(fixture, (TimelinePlace){branch->id, branch->last}, &reached));
        assert_int_equal(reached.at, branch->last);
    }
}

// At some moment that was seen, with something written and not captured.
static void look(Fixture *fixture)
{
    const Known *known = &fixture->known[next(fixture) % fixture->known_count];
    TimelinePlace here = timeline_here(fixture->timeline);
    Fault fault;
    fixture->memory[next(fixture) % (fixture->used_pages * PAGE_BYTES)] ^= 1;
    uint64_t before = hash_now(fixture);
    if (!timeline_look(fixture->timeline, known->place, &fault)) { // dropped meanwhile
        assert_int_equal(hash_now(fixture), before);
        assert_true(timeline_undo(fixture->timeline, NULL, &fault));
        return;
    }
    TimelinePlace there = known->place;
    there.at = timeline_nearest(fixture->timeline, there);
    assert_here_is_right(fixture, there);
    fixture->memory[next(fixture) % (fixture->used_pages * PAGE_BYTES)] ^= 4; // a draw() that does
    assert_true(timeline_look_end(fixture->timeline, &fault));
    assert_int_equal(hash_now(fixture), before);
    assert_int_equal(timeline_here(fixture->timeline).at, here.at);
    assert_int_equal(timeline_here(fixture->timeline).branch, here.branch);
    const DirtySpan *spans;
    size_t count;
    assert_true(timeline_written(fixture->timeline, &spans, &count, &fault));
    assert_true(count > 0); // what was written before it would be captured still
    assert_true(timeline_undo(fixture->timeline, NULL, &fault));
    assert_here_is_right(fixture, here);
    fixture->looks++;
}

static void wander(Fixture *fixture, uint32_t steps, uint32_t jumps_of_100)
{
    for (uint32_t i = 0; i < steps; i++) {
        if (i > 20 && next(fixture) % 100 < jumps_of_100) {
            jump(fixture);
            look(fixture);
        } else {
            tick(fixture);
        }
    }
}

static bool works(DirtyMethod method)
{
    Arena arena;
    Fault fault;
    assert_true(arena_open(&arena, 0, 1u << 30, &fault));
    Dirty *dirty = dirty_open(&arena, method, &fault);
    dirty_close(dirty);
    arena_close(&arena);
    return dirty != NULL;
}

// ------------------------------------------------------------------------------------ random walks

static void walk_with(DirtyMethod method)
{
    if (!works(method)) {
        skip();
    }
    Fixture fixture = begin(method, LARGE);
    assert_int_equal(timeline_method(fixture.timeline), method);
    wander(&fixture, 2500, 10);
    assert_true(fixture.seeks > 100 && fixture.exact > 100 && fixture.looks > 100);
    end(&fixture);
}

static void every_moment_is_reached_with_uffd(void **state)
{
    (void)state;
    // Scenario: random ticks and random jumps with room for all of it; uffd.
    // Expect: memory is what it was at every moment gone to; inputs and flags come back.
    walk_with(DIRTY_UFFD);
}

static void every_moment_is_reached_with_memfd(void **state)
{
    (void)state;
    // Scenario: the same with memfd.
    // Expect: the same.
    walk_with(DIRTY_MEMFD);
}

static void every_moment_is_reached_with_memcmp(void **state)
{
    (void)state;
    // Scenario: the same with memcmp.
    // Expect: the same.
    walk_with(DIRTY_MEMCMP);
}

static void a_tiny_budget_is_kept_and_right(void **state)
{
    (void)state;
    // Scenario: a budget of 2 MiB; jumps, a long run, jumps again, so that branches are dropped and
    // time thins out and is forgotten; three walks.
    // Expect: history is within the budget after every capture, and what is reached is right.
    for (uint64_t seed = 1; seed <= 3; seed++) {
        Fixture fixture = begin(DIRTY_BEST, TINY);
        fixture.random ^= seed * 0x9E3779B97F4A7C15u;
        wander(&fixture, 1500, seed == 1 ? 10 : 1);
        for (int i = 0; i < 2000; i++) {
            write_some(&fixture);
            write_some(&fixture);
            tick(&fixture);
        }
        wander(&fixture, 500, 10);
        TimelineStats stats;
        timeline_stats(fixture.timeline, &stats);
        assert_true(stats.thinned);
        end(&fixture);
    }
}

static void old_time_thins_to_the_nearest_earlier(void **state)
{
    (void)state;
    // Scenario: 6,000 ticks that need several times 6 MiB, then every place from the oldest on.
    // Expect: thinned ones lead to the nearest earlier one that is left; inputs are there for all.
    Fixture fixture = begin(DIRTY_BEST, 6u << 20);
    for (int i = 0; i < 6000; i++) {
        for (int k = 0; k < 8; k++) {
            write_some(&fixture);
        }
        tick(&fixture);
    }
    TimelineStats stats;
    timeline_settle(fixture.timeline);
    timeline_stats(fixture.timeline, &stats);
    assert_true(stats.thinned);
    uint64_t first = timeline_first(fixture.timeline, 0), before = first, thinned = 0;
    for (uint64_t at = first; at <= 6000; at += at < 5000 ? 3 : 37) {
        TimelinePlace reached;
        TimelineMoment moment;
        assert_true(go(&fixture, (TimelinePlace){0, at}, &reached));
        assert_true(reached.at <= at && reached.at >= before);
        thinned += reached.at < at;
        before = reached.at;
        assert_true(at == first
                    || timeline_moment(fixture.timeline, (TimelinePlace){0, at}, &moment));
        assert_true(at == first || moment.build == at);
    }
    assert_true(thinned > 100);
    end(&fixture);
}

// Goes to the first moments that are left; each holds its own number.
static void look_at_the_oldest(Fixture *fixture)
{
    TimelinePlace here = timeline_here(fixture->timeline), reached;
    uint64_t first = timeline_first(fixture->timeline, 0);
    Fault fault;
    for (uint64_t at = first; at < first + 5000 && at < here.at; at += 97) {
        uint64_t number;
        assert_true(timeline_seek(fixture->timeline, (TimelinePlace){0, at}, &reached, &fault));
        memcpy(&number, fixture->memory, sizeof(number));
        assert_true(number == reached.at && reached.at >= first);
    }
    assert_true(timeline_seek(fixture->timeline, here, &reached, &fault));
}

static void the_oldest_that_is_left_can_be_reached(void **state)
{
    (void)state;
    // Scenario: so long a run on so little that of its oldest part every 4,096th moment is left,
    // and then that is forgotten as well, again and again. Expect: the first moment that is left,
    // and those behind it, can be gone to each time.
    uint64_t moves = 0;
    for (size_t budget = 3000 << 10; budget <= (3600u << 10); budget += 300 << 10) {
        Fixture fixture = begin(DIRTY_MEMCMP, budget);
        memset(fixture.memory, 0, PAGE_BYTES);
        Fault fault;
        assert_true(
            timeline_begin(fixture.timeline, fixture.memory, STATE_BYTES, 16 * PAGE_BYTES, &fault));
        uint64_t first = 0;
        for (uint64_t i = 1; i <= 40000; i++) {
            TimelineCapture did;
            memcpy(fixture.memory, &i, sizeof(i));
            fixture.memory[PAGE_BYTES * (i % 8) + 8 + i % 77] ^= (uint8_t)i;
            assert_true(timeline_capture(fixture.timeline, &(TimelineMoment){0}, 16 * PAGE_BYTES,
                                         (DeltaWords){0}, &did, &fault));
            if (i % 64 == 0 && timeline_first(fixture.timeline, 0) != first) {
                first = timeline_first(fixture.timeline, 0);
                moves++;
                look_at_the_oldest(&fixture);
            }
        }
        assert_in_budget(&fixture);
        end(&fixture);
    }
    assert_true(moves > 0);
}

static void rewinding_over_and_over_never_ends(void **state)
{
    (void)state;
    // Scenario: 200 times: some ticks, a little back, on from there. Each branch forks from the one
    // before, so none of them is a leaf that could be dropped.
    // Expect: capturing goes on, branches stay few, and what is reached is right.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    for (int i = 0; i < 200; i++) {
        for (int k = 0; k < 9; k++) {
            tick(&fixture);
        }
        TimelinePlace here = timeline_here(fixture.timeline), reached;
        assert_true(go(&fixture, (TimelinePlace){here.branch, here.at - 2}, &reached));
        assert_int_equal(reached.at, here.at - 2);
        TimelineStats stats;
        timeline_stats(fixture.timeline, &stats);
        assert_true(stats.branches <= TIMELINE_BRANCHES_MAX);
    }
    TimelinePlace here = timeline_here(fixture.timeline), reached;
    for (uint64_t at = 0; at <= here.at; at += 7) {
        assert_true(go(&fixture, (TimelinePlace){here.branch, at}, &reached));
        assert_int_equal(reached.at, at);
    }
    end(&fixture);
}

// --------------------------------------------------------------------------------------- far ways

// A tick that writes one line, always the same: ten thousand are made in no time, and an edge is as
// large as any other.
static void small_tick(Fixture *fixture)
{
    for (int i = 0; i < DELTA_LINE_BYTES; i++) {
        fixture->memory[i] = (uint8_t)next(fixture);
    }
    TimelineCapture did;
    Fault fault;
    assert_true(timeline_capture(fixture->timeline, &(TimelineMoment){.build = 1},
                                 FIRST_PAGES * PAGE_BYTES, (DeltaWords){0}, &did, &fault));
    note(fixture);
}

static void small_ticks(Fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        small_tick(fixture);
        if (i % 64 == 63) { // the thread may have next to no time of its own here
            timeline_settle(fixture->timeline);
        }
    }
    timeline_settle(fixture->timeline);
}

static void far_moments_are_reached_past_longer_edges(void **state)
{
    (void)state;
    // Scenario: 9,000 ticks, and 700 more from the 5,000th on; jumps to any of them, and to those
    // next to where longer edges end, from one branch to the other.
    // Expect: each holds what it held.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    TimelinePlace reached;
    small_ticks(&fixture, 9000);
    assert_true(go(&fixture, (TimelinePlace){0, 5000}, &reached));
    small_ticks(&fixture, 700);
    uint32_t branch = timeline_here(fixture.timeline).branch;
    assert_int_not_equal(branch, 0);
    for (int i = 0; i < 400; i++) {
        bool is_other = next(&fixture) % 2 == 0;
        uint64_t at = next(&fixture) % (is_other ? 5701 : 9001);
        if (i % 4 == 0) { // 4095, 4096, 4097; 255; 1041
            at = next(&fixture) % 2 * LONGEST + next(&fixture) % 3 * BLOCK
                 + next(&fixture) % 3 * FAN + next(&fixture) % 3;
            at = at > 0 ? at - 1 : 0;
        }
        assert_true(go(&fixture, (TimelinePlace){is_other ? branch : 0, at}, &reached));
        assert_int_equal(reached.at, at);
    }
    end(&fixture);
}

static bool count_edge(void *with, const uint8_t *edge, uint64_t bytes)
{
    (void)bytes;
    *(uint32_t *)with += edge != NULL;
    return true;
}

static uint32_t edges_of_way(Fixture *fixture, uint64_t from, uint64_t to)
{
    uint32_t count = 0;
    Timeline *timeline = fixture->timeline;
    assert_true(
        walk_best(timeline, timeline->branch, from, to, &timeline->unpacked, count_edge, &count));
    arena_reset(&timeline->unpacked, 0);
    return count;
}

static void a_far_way_has_few_edges(void **state)
{
    (void)state;
    // Scenario: ways over 8,192 ticks whose ends lie next to where longer edges end, others in the
    // middle of them, and one where nothing longer has been made yet.
    // Expect: an edge or two past the end and back, instead of fifteen of each length; at worst
    // eight of each length at each end.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    small_ticks(&fixture, 8192);
    assert_int_equal(edges_of_way(&fixture, 1, 4095), 3);
    assert_int_equal(edges_of_way(&fixture, 4095, 1), 3);
    assert_int_equal(edges_of_way(&fixture, 0, 8192), 2);
    assert_int_equal(edges_of_way(&fixture, 3841, 255), 5);
    assert_int_equal(edges_of_way(&fixture, 100, 100), 0);
    assert_int_equal(edges_of_way(&fixture, 100, 103), 3);
    for (int i = 0; i < 200; i++) {
        uint64_t from = next(&fixture) % 8193, to = next(&fixture) % 8193;
        assert_true(edges_of_way(&fixture, from, to) <= 2 * 3 * FAN / 2 + 2);
    }
    for (int i = 0; i < 9; i++) {
        small_tick(&fixture);
    }
    assert_int_equal(edges_of_way(&fixture, 8192, 8201), 9);
    end(&fixture);
}

// ------------------------------------------------------------------------------------------ ranges

static void other_ranges_come_and_go(void **state)
{
    (void)state;
    // Scenario: a library's globals are added at tick 20, written, dropped at 60, while going back
    // and forth; another one takes the memory.
    // Expect: while it is there its bytes are those of the moment; before it was there, those that
    // it came with; once dropped it is left alone. Page numbers are not used twice.
    enum { GLOBALS = 3 * PAGE_BYTES };
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    Fault fault;
    uint32_t page, again;
    TimelinePlace reached;
    Arena other;
    assert_true(arena_open(&other, 0, GLOBALS, &fault));
    uint8_t *globals = arena_push(&other, 1, PAGE_BYTES, GLOBALS);
    for (int i = 0; i < 20; i++) {
        tick(&fixture);
    }
    memset(globals, 99, GLOBALS);
    assert_true(timeline_add_range(fixture.timeline, globals, GLOBALS, &page, &fault));
    assert_true(page >= TIMELINE_GLOBALS_FIRST);
    assert_ptr_equal(timeline_page_memory(fixture.timeline, page + 2), globals + 2 * PAGE_BYTES);
    assert_int_equal(timeline_page_at(fixture.timeline, globals + 5000), page + 1);
    for (uint8_t i = 21; i <= 60; i++) {
        write_some(&fixture);
        globals[PAGE_BYTES + 5] = i;
        TimelineCapture did = capture(&fixture);
        assert_int_equal(did.pages[did.page_count - 1], page + 1);
    }
    for (uint64_t at = 60; at-- > 0;) {
        assert_true(go(&fixture, (TimelinePlace){0, at * 7 % 61}, &reached));
        assert_int_equal(globals[PAGE_BYTES + 5], reached.at > 20 ? reached.at : 99);
        assert_int_equal(globals[0], 99);
    }
    assert_true(go(&fixture, (TimelinePlace){0, 30}, &reached));
    timeline_drop_range(fixture.timeline, globals);
    assert_null(timeline_page_memory(fixture.timeline, page));
    assert_int_equal(timeline_page_at(fixture.timeline, globals), UINT32_MAX);
    assert_true(go(&fixture, (TimelinePlace){0, 60}, &reached));
    assert_int_equal(globals[PAGE_BYTES + 5], 30);
    assert_true(timeline_add_range(fixture.timeline, globals, GLOBALS, &again, &fault));
    assert_true(again >= page + 3);
    assert_true(go(&fixture, (TimelinePlace){0, 25}, &reached));
    assert_int_equal(globals[PAGE_BYTES + 5], 30);
    end(&fixture);
    arena_close(&other);
}

static void use_grows_beyond_what_was_watched(void **state)
{
    (void)state;
    // Scenario: the first MiB is watched; ticks use more and more, up to the last page.
    // Expect: back at the start what came later is zero; at the end it is there again.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    TimelinePlace reached;
    for (size_t page = FIRST_PAGES; page < PAGES; page += 7) {
        memset(fixture.memory + page * PAGE_BYTES, 5, PAGE_BYTES);
        fixture.used_pages = page + 1;
        (void)capture(&fixture);
    }
    uint64_t last = timeline_here(fixture.timeline).at;
    for (uint64_t i = 0; i <= last; i++) {
        assert_true(go(&fixture, (TimelinePlace){0, i * 31 % (last + 1)}, &reached));
    }
    assert_int_equal(fixture.exact, last + 1);
    end(&fixture);
}

static void what_the_kernel_writes_is_seen(void **state)
{
    (void)state;
    // Scenario: read() puts the bytes of a pipe into the state; then back and forth.
    // Expect: no EFAULT; the bytes are part of the moment.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    int ends[2];
    TimelinePlace reached;
    tick(&fixture);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "from outside", 12), 12);
    assert_int_equal(read(ends[0], fixture.memory + 9 * PAGE_BYTES - 4, 12), 12);
    TimelineCapture did = capture(&fixture);
    assert_int_equal(did.page_count, 2);
    assert_int_equal(did.pages[0], 8);
    assert_true(go(&fixture, (TimelinePlace){0, 1}, &reached));
    assert_true(go(&fixture, (TimelinePlace){0, 2}, &reached));
    assert_memory_equal(fixture.memory + 9 * PAGE_BYTES - 4, "from outside", 12);
    close(ends[0]);
    close(ends[1]);
    end(&fixture);
}

// -------------------------------------------------------------------------------------------- undo

static void undo_takes_back_what_was_written(void **state)
{
    (void)state;
    // Scenario: writes after a capture, looked at, then undone; once more with nothing written.
    // Expect: written pages are named, memory is as captured, and the place is the same.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    Fault fault;
    const DirtySpan *spans;
    size_t pages, count;
    tick(&fixture);
    uint64_t hash = hash_now(&fixture);
    fixture.memory[3 * PAGE_BYTES]++;
    fixture.memory[17 * PAGE_BYTES + 4095]++;
    assert_true(timeline_written(fixture.timeline, &spans, &count, &fault));
    assert_true(count >= 1);
    assert_true(spans[0].first <= (uintptr_t)fixture.memory + 3 * PAGE_BYTES);
    assert_true(timeline_undo(fixture.timeline, &pages, &fault));
    assert_true(pages >= 2);
    assert_true(hash_now(&fixture) == hash);
    assert_true(timeline_undo(fixture.timeline, &pages, &fault));
    assert_int_equal(pages, 0);
    assert_int_equal(timeline_here(fixture.timeline).at, 1);
    TimelineCapture did = capture(&fixture);
    assert_int_equal(did.page_count, 0);
    end(&fixture);
}

// ------------------------------------------------------------------------------------------ places

static void branches_are_listed_and_dropped(void **state)
{
    (void)state;
    // Scenario: branch 0 to 30; from 10 another to 25; the first is dropped by mistake, then the
    // other one from the first.
    // Expect: both are listed with their fork; an ancestor of here stays; the other one goes and
    // cannot be gone to any more; they meet at 10.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    TimelineBranch list[4];
    TimelinePlace reached;
    for (int i = 0; i < 30; i++) {
        tick(&fixture);
    }
    assert_true(timeline_is_last(fixture.timeline));
    assert_true(go(&fixture, (TimelinePlace){0, 10}, &reached));
    assert_false(timeline_is_last(fixture.timeline));
    write_some(&fixture);
    assert_true(capture(&fixture).forked);
    for (int i = 0; i < 14; i++) {
        write_some(&fixture);
        assert_false(capture(&fixture).forked);
    }
    assert_int_equal(timeline_branches(fixture.timeline, list, COUNT_OF(list)), 2);
    assert_int_equal(list[1].parent.at, 10);
    assert_true(list[1].first == 11 && list[1].last == 25 && list[0].last == 30);
    assert_true(list[0].left_at > list[1].left_at);
    TimelinePlace meet =
        timeline_meet(fixture.timeline, (TimelinePlace){1, 20}, (TimelinePlace){0, 28});
    assert_true(meet.branch == 0 && meet.at == 10);
    assert_int_equal(timeline_owner(fixture.timeline, (TimelinePlace){1, 9}).branch, 0);
    timeline_drop_branch(fixture.timeline, 0);
    assert_int_equal(timeline_branches(fixture.timeline, list, COUNT_OF(list)), 2);
    assert_true(go(&fixture, (TimelinePlace){0, 30}, &reached));
    timeline_drop_branch(fixture.timeline, 1);
    assert_int_equal(timeline_branches(fixture.timeline, list, COUNT_OF(list)), 1);
    assert_false(go(&fixture, (TimelinePlace){1, 20}, &reached));
    assert_int_equal(timeline_here(fixture.timeline).at, 30);
    end(&fixture);
}

static void the_end_of_a_branch_is_cut(void **state)
{
    // Scenario: 60 moments; from the tenth another 20, and from the 40th another 5; where the first
    // branch goes on is cut behind its 30th moment, then behind its fifth, then what is stood on.
    // Expect: what lies behind the 30th is gone, with the branch that forked there; nothing else
    // is, and what is played on from the cut end is a branch of its own.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    TimelinePlace reached;
    (void)state;
    for (int i = 0; i < 60; i++) {
        tick(&fixture);
    }
    assert_true(go(&fixture, (TimelinePlace){0, 40}, &reached));
    for (int i = 0; i < 5; i++) {
        tick(&fixture);
    }
    assert_true(go(&fixture, (TimelinePlace){0, 10}, &reached));
    for (int i = 0; i < 20; i++) {
        tick(&fixture);
    }
    timeline_cut(fixture.timeline, (TimelinePlace){0, 30});
    timeline_cut(fixture.timeline, (TimelinePlace){0, 5});
    timeline_cut(fixture.timeline, (TimelinePlace){2, 29});
    assert_int_equal(timeline_last(fixture.timeline, 0), 30);
    assert_int_equal(timeline_last(fixture.timeline, 2), 30);
    assert_false(go(&fixture, (TimelinePlace){1, 42}, &reached));
    assert_true(go(&fixture, (TimelinePlace){0, 50}, &reached));
    assert_int_equal(reached.at, 30);
    tick(&fixture);
    assert_int_equal(timeline_here(fixture.timeline).branch, 3);
    for (uint32_t i = 0; i < fixture.known_count; i++) {
        (void)go(&fixture, fixture.known[i].place, &reached);
    }
    end(&fixture);
}

static void what_is_let_go_leaves_the_rest_right(void **state)
{
    // Scenario: a walk with branches; again and again what lies more than 400 moments back is let
    // go, once with a branch's beginning among it, and once with a moment that is not there yet.
    // Expect: history begins within a block of where it was asked to, the present is as it was, and
    // all that can be reached is right.
    enum { KEPT = 400, ROUNDS = 12 };
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    (void)state;
    for (uint32_t round = 0; round < ROUNDS; round++) {
        wander(&fixture, 300, 6);
        uint64_t hash = hash_now(&fixture);
        TimelinePlace here = timeline_here(fixture.timeline), reached;
        uint64_t before = here.at > KEPT ? here.at - KEPT : 0;
        timeline_forget(fixture.timeline, round == ROUNDS / 2 ? here.at + 1000 : before);
        uint64_t first = timeline_first(fixture.timeline, here.branch);
        assert_true(first <= here.at && (round == ROUNDS / 2 || first + 4096 > before));
        assert_int_equal(hash_now(&fixture), hash);
        assert_true(go(&fixture, (TimelinePlace){here.branch, first}, &reached));
        assert_int_equal(reached.at, first);
        for (uint32_t i = 0; i < fixture.known_count; i += 17) {
            (void)go(&fixture, fixture.known[i].place, &reached);
        }
        assert_true(go(&fixture, here, &reached));
        assert_int_equal(hash_now(&fixture), hash);
    }
    assert_true(timeline_first(fixture.timeline, timeline_here(fixture.timeline).branch) > 0);
    end(&fixture);
}

// Which builds made what is there, as the runs say. Each moment's build is its number in `known`.
static void list_builds(const Fixture *fixture, bool *listed)
{
    TimelineRun run = {0};
    memset(listed, 0, PLACES_MAX * sizeof(*listed));
    while (timeline_next_run(fixture->timeline, &run)) {
        assert_true(run.build < fixture->known_count && run.first <= run.last);
        assert_int_equal(run.last, run.first); // no two are of one build
        assert_int_equal(fixture->known[run.build].place.at, run.first);
        assert_false(listed[run.build]);
        listed[run.build] = true;
    }
}

static void the_builds_of_all_that_is_left_are_known(void **state)
{
    // Scenario: a walk with branches in little memory, so that old time thins out and its end goes;
    // now and then more is let go. All places that were ever seen are asked for, and the oldest.
    // Expect: whatever can be reached, its build is said, by place and in the runs; each build
    // once.
    static bool listed[PLACES_MAX];
    Fixture fixture = begin(DIRTY_BEST, TINY);
    uint32_t exact = 0, oldest = 0;
    (void)state;
    for (uint32_t round = 0; round < 20; round++) {
        wander(&fixture, 400, 4);
        TimelinePlace here = timeline_here(fixture.timeline), reached;
        if (round % 3 == 2) {
            timeline_forget(fixture.timeline, here.at - here.at / 3);
        }
        list_builds(&fixture, listed);
        for (uint32_t i = 0; i < fixture.known_count; i++) {
            TimelinePlace place = fixture.known[i].place;
            if (i % 7 > 0 && place.at != timeline_first(fixture.timeline, here.branch)) {
                continue;
            }
            uint64_t nearest = timeline_nearest(fixture.timeline, place);
            if (go(&fixture, place, &reached) && reached.at == place.at
                && timeline_owner(fixture.timeline, reached).branch == place.branch) {
                assert_int_equal(nearest, place.at);
                assert_int_equal(timeline_build(fixture.timeline, reached), i);
                assert_true(listed[i]);
                exact++;
                oldest += i > 0 && place.at == timeline_first(fixture.timeline, here.branch);
            }
        }
        assert_true(go(&fixture, here, &reached));
    }
    assert_true(exact > 300 && oldest > 10);
    end(&fixture);
}

static void expected_pages_are_captured_as_they_are(void **state)
{
    // Scenario: 20 neighbouring pages are expected, more than the range has once, and one of them
    // is written; then the tick is undone, and another page written.
    // Expect: that one alone is in the capture, and undo takes it back.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    Fault fault;
    (void)state;
    timeline_expect(fixture.timeline, 5, 20);
    timeline_expect(fixture.timeline, FIRST_PAGES - 2, 1000);
    timeline_expect(fixture.timeline, 1u << 20, 3);
    fixture.memory[9 * PAGE_BYTES + 100] ^= 1;
    TimelineCapture did = capture(&fixture);
    assert_int_equal(did.page_count, 1);
    assert_int_equal(did.pages[0], 9);
    uint64_t hash = hash_now(&fixture);
    timeline_expect(fixture.timeline, 5, 20);
    fixture.memory[11 * PAGE_BYTES] ^= 1;
    assert_true(timeline_undo(fixture.timeline, NULL, &fault));
    assert_int_equal(hash_now(&fixture), hash);
    end(&fixture);
}

static void beginning_again_forgets(void **state)
{
    (void)state;
    // Scenario: ticks and branches, then begin again over the same memory.
    // Expect: one moment, no history used; walking goes on as from the start.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    Fault fault;
    TimelineStats stats;
    wander(&fixture, 600, 10);
    assert_true(timeline_begin(fixture.timeline, fixture.memory, STATE_BYTES,
                               fixture.used_pages * PAGE_BYTES, &fault));
    timeline_stats(fixture.timeline, &stats);
    assert_true(stats.moments == 1 && stats.branches == 1 && stats.used_bytes == 0);
    fixture.known_count = 0;
    note(&fixture);
    wander(&fixture, 600, 10);
    end(&fixture);
}

// -------------------------------------------------------------------------------------- the reader

typedef struct Reading {
    TimelineReader *reader;
    const Fixture *fixture;
    uint64_t steps, bad, last;
} Reading;

// The copy's pages as one hash, as the oracle counts it.
static uint64_t hash_of_copy(const TimelineReader *reader, uint8_t *whole)
{
    for (uint32_t page = 0; page < PAGES; page++) {
        memcpy(whole + (size_t)page * PAGE_BYTES, timeline_read_page(reader, page), PAGE_BYTES);
    }
    return hash_bytes(whole, STATE_BYTES);
}

static void *read_all(void *with)
{
    static uint8_t whole[STATE_BYTES];
    Reading *reading = with;
    TimelineStep step;
    while (timeline_read_next(reading->reader, &step)) {
        // Places that the walk below captures are not looked at: the first ones do not move.
        bool good =
            step.has_state && reading->fixture->known[step.place.at].place.at == step.place.at
            && hash_of_copy(reading->reader, whole) == reading->fixture->known[step.place.at].hash
            && (step.place.at == 0 || step.moment.build == step.place.at);
        reading->bad += !good;
        reading->steps++;
        reading->last = step.place.at;
    }
    return NULL;
}

static void a_reader_walks_beside_the_game(void **state)
{
    (void)state;
    // Scenario: a thread reads 600 moments of history while the game goes on, forks and jumps.
    // Expect: every step holds that moment's pages and input; the game's history is right, too.
    Fixture fixture = begin(DIRTY_BEST, LARGE);
    Fault fault;
    pthread_t thread;
    for (int i = 0; i < 700; i++) {
        tick(&fixture);
    }
    Reading reading = {.fixture = &fixture};
    reading.reader = timeline_read_begin(fixture.timeline, (TimelinePlace){0, 50},
                                         (TimelinePlace){0, 650}, &fault);
    assert_non_null(reading.reader);
    assert_int_equal(pthread_create(&thread, NULL, read_all, &reading), 0);
    wander(&fixture, 1200, 5);
    assert_int_equal(pthread_join(thread, NULL), 0);
    timeline_read_end(reading.reader);
    assert_int_equal(reading.steps, 601);
    assert_int_equal(reading.last, 650);
    assert_int_equal(reading.bad, 0);
    wander(&fixture, 600, 10);
    assert_null(timeline_read_begin(fixture.timeline, (TimelinePlace){4000, 0},
                                    (TimelinePlace){4000, 1}, &fault));
    assert_true(fault.text[0] != '\0');
    end(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_moment_is_reached_with_uffd),
        cmocka_unit_test(every_moment_is_reached_with_memfd),
        cmocka_unit_test(every_moment_is_reached_with_memcmp),
        cmocka_unit_test(a_tiny_budget_is_kept_and_right),
        cmocka_unit_test(old_time_thins_to_the_nearest_earlier),
        cmocka_unit_test(the_oldest_that_is_left_can_be_reached),
        cmocka_unit_test(rewinding_over_and_over_never_ends),
        cmocka_unit_test(far_moments_are_reached_past_longer_edges),
        cmocka_unit_test(a_far_way_has_few_edges),
        cmocka_unit_test(other_ranges_come_and_go),
        cmocka_unit_test(use_grows_beyond_what_was_watched),
        cmocka_unit_test(what_the_kernel_writes_is_seen),
        cmocka_unit_test(undo_takes_back_what_was_written),
        cmocka_unit_test(branches_are_listed_and_dropped),
        cmocka_unit_test(the_end_of_a_branch_is_cut),
        cmocka_unit_test(what_is_let_go_leaves_the_rest_right),
        cmocka_unit_test(the_builds_of_all_that_is_left_are_known),
        cmocka_unit_test(expected_pages_are_captured_as_they_are),
        cmocka_unit_test(beginning_again_forgets),
        cmocka_unit_test(a_reader_walks_beside_the_game),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
