#include "timeline_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// Contents: a world and what is known of it, lives that end, from inside, damage, limbo.

enum {
    PAGES = 320,
    STATE_BYTES = PAGES * PAGE_BYTES,
    FIRST_PAGES = 40,
    LIBRARIES = 3,
    LIBRARY_BYTES = 3 * PAGE_BYTES,
    KNOWN_MAX = 1 << 16
};
static const size_t LARGE = 512u << 20, TINY = 3u << 20;

// What memory held at a place, noted when it was captured.
typedef struct Known {
    TimelinePlace place;
    uint64_t hash;
    uint32_t pages[LIBRARIES]; // first pages; 0: not there
    uint64_t hashes[LIBRARIES];
} Known;

// Lives longer than each of the processes.
typedef struct Table {
    TimelineHandles handles;
    _Atomic uint32_t is_ready; // handles are
    _Atomic uint32_t count;
    _Atomic uint32_t is_enough; // end at the next tick
    Known coming;               // being captured: noted as soon as that is done
    Known known[KNOWN_MAX];
} Table;

typedef struct World {
    Arena state, libraries[LIBRARIES];
    uint32_t pages[LIBRARIES];
    uint8_t *memory;
    Timeline *timeline;
    Table *table;
    size_t used_pages, budget;
    uint64_t random;
} World;

// Also in a process of its own, where cmocka cannot tell.
#define CHECK(what)                                                                                \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what);                     \
            _exit(1);                                                                              \
        }                                                                                          \
    } while (0)

static uint64_t next(World *world)
{
    world->random ^= world->random << 13;
    world->random ^= world->random >> 7;
    world->random ^= world->random << 17;
    return world->random;
}

static Known look(const World *world)
{
    Known known = {.place = timeline_here(world->timeline),
                   .hash = hash_bytes(world->memory, STATE_BYTES)};
    for (int i = 0; i < LIBRARIES; i++) {
        known.pages[i] = world->pages[i];
        known.hashes[i] = world->pages[i] ? hash_bytes(world->libraries[i].base, LIBRARY_BYTES) : 0;
    }
    return known;
}

// `known` is what memory holds where history stands.
static void note(World *world, const Known *known)
{
    uint32_t count = atomic_load(&world->table->count);
    CHECK(count < KNOWN_MAX);
    world->table->known[count] = *known;
    world->table->known[count].place = timeline_here(world->timeline);
    atomic_store(&world->table->count, count + 1);
}

static void note_now(World *world)
{
    Known now = look(world);
    note(world, &now);
}

static Table *open_table(Arena *arena)
{
    int fd;
    Fault fault;
    assert_true(arena_open_shared(arena, "known", sizeof(Table) + PAGE_BYTES, &fd, &fault));
    close(fd);
    return ARENA_NEW(arena, Table, 1);
}

static void open_memory(World *world, Table *table, size_t budget, uint64_t seed)
{
    Fault fault;
    *world = (World){.table = table,
                     .used_pages = FIRST_PAGES,
                     .budget = budget,
                     .random = 88172645463325252u ^ (seed * 0x9E3779B97F4A7C15u)};
    CHECK(arena_open(&world->state, 0, STATE_BYTES, &fault));
    world->memory = arena_push(&world->state, 1, PAGE_BYTES, STATE_BYTES);
    for (int i = 0; i < LIBRARIES; i++) {
        CHECK(arena_open(&world->libraries[i], 0, LIBRARY_BYTES, &fault));
        arena_push(&world->libraries[i], 1, PAGE_BYTES, LIBRARY_BYTES);
    }
}

static void begin(World *world, Table *table, size_t budget, uint64_t seed)
{
    Fault fault;
    open_memory(world, table, budget, seed);
    TimelineConfig config = {budget, DIRTY_BEST, true};
    world->timeline = timeline_open(&config, &fault);
    CHECK(world->timeline);
    memset(world->memory, 7, PAGE_BYTES);
    CHECK(timeline_begin(world->timeline, world->memory, STATE_BYTES, FIRST_PAGES * PAGE_BYTES,
                         &fault));
    note_now(world);
}

static void end(World *world)
{
    timeline_close(world->timeline);
    arena_close(&world->state);
    for (int i = 0; i < LIBRARIES; i++) {
        arena_close(&world->libraries[i]);
    }
}

// The next process: memory elsewhere, as adopted.
static bool adopt(World *world, Table *table, size_t budget, uint64_t seed, int store, int fd,
                  Fault *fault)
{
    TimelineAdopted ranges[LIBRARIES + 1];
    TimelineConfig config = {budget, DIRTY_BEST, true};
    open_memory(world, table, budget, seed);
    world->timeline = timeline_adopt(&config, store, fd, fault);
    if (!world->timeline) {
        end(world);
        return false;
    }
    size_t count = timeline_adopted(world->timeline, ranges, COUNT_OF(ranges));
    CHECK(count >= 1 && count <= COUNT_OF(ranges) && ranges[0].first_page == 0);
    CHECK(ranges[0].bytes == STATE_BYTES);
    memset(world->libraries[0].base, 44, LIBRARY_BYTES); // a library comes with something
    for (size_t i = 0; i < count; i++) {
        uint8_t *memory = i == 0 ? world->memory : world->libraries[i - 1].base;
        CHECK(timeline_adopt_range(world->timeline, ranges[i].first_page, memory, ranges[i].bytes,
                                   fault));
        if (i > 0) {
            world->pages[i - 1] = ranges[i].first_page;
        }
    }
    CHECK(timeline_adopt_end(world->timeline, fault));
    world->used_pages = PAGES;
    return true;
}

static void write_some(World *world)
{
    uint64_t pages = next(world) % 50 == 0 ? 150 : next(world) % 6;
    for (uint64_t i = 0; i < pages; i++) {
        size_t page = next(world) % world->used_pages;
        for (int k = 0; k < 5; k++) {
            world->memory[page * PAGE_BYTES + next(world) % PAGE_BYTES] = (uint8_t)next(world);
        }
    }
    world->used_pages += world->used_pages < PAGES && next(world) % 20 == 0;
    for (int i = 0; i < LIBRARIES; i++) {
        if (world->pages[i] && next(world) % 3 == 0) {
            world->libraries[i].base[next(world) % LIBRARY_BYTES] = (uint8_t)next(world);
        }
    }
}

// Not while uncaptured writes are there: what a range comes with holds for every moment so far.
static void change_libraries(World *world)
{
    Fault fault;
    int i = (int)(next(world) % LIBRARIES);
    if (world->pages[i]) {
        timeline_drop_range(world->timeline, world->libraries[i].base);
        world->pages[i] = 0;
    } else {
        world->libraries[i].base[5] = (uint8_t)next(world);
        CHECK(timeline_add_range(world->timeline, world->libraries[i].base, LIBRARY_BYTES,
                                 &world->pages[i], &fault));
    }
}

static void tick(World *world)
{
    Fault fault;
    TimelineCapture did;
    TimelineMoment moment = {.build = (uint32_t)atomic_load(&world->table->count)}, back;
    moment.input.mouse.x = (float)moment.build;
    write_some(world);
    timeline_change_begin(world->timeline);
    memcpy(timeline_extra(world->timeline), &moment.build, sizeof(moment.build));
    timeline_change_end(world->timeline);
    world->table->coming = look(world);
    CHECK(timeline_capture(world->timeline, &moment, world->used_pages * PAGE_BYTES,
                           (DeltaWords){0}, &did, &fault));
    CHECK(timeline_moment(world->timeline, timeline_here(world->timeline), &back));
    CHECK(back.build == moment.build);
    note(world, &world->table->coming);
}

static bool equal_now(const World *world, const Known *known)
{
    Known now = look(world);
    bool same = now.hash == known->hash;
    for (int i = 0; i < LIBRARIES; i++) {
        for (int k = 0; k < LIBRARIES; k++) { // it may lie elsewhere
            same &= !now.pages[i] || now.pages[i] != known->pages[k]
                    || now.hashes[i] == known->hashes[k];
        }
    }
    return same;
}

static const Known *find(const World *world, TimelinePlace place)
{
    for (uint32_t i = atomic_load(&world->table->count); i-- > 0;) {
        const Known *known = &world->table->known[i];
        if (known->place.branch == place.branch && known->place.at == place.at) {
            return known;
        }
    }
    return NULL;
}

// Where it leads to must be right. False: there is no such branch.
static bool go(World *world, TimelinePlace to, TimelinePlace *reached)
{
    Fault fault;
    if (!timeline_seek(world->timeline, to, reached, &fault)) {
        return false;
    }
    const Known *known = find(world, timeline_owner(world->timeline, *reached));
    CHECK(known && equal_now(world, known));
    return true;
}

static void jump(World *world)
{
    enum { LATELY = 300 };
    uint32_t count = atomic_load(&world->table->count), late = count < LATELY ? count : LATELY;
    TimelinePlace reached;
    if (go(world, world->table->known[count - 1 - next(world) % late].place, &reached)
        && next(world) % 4 != 0) {
        CHECK(go(world, (TimelinePlace){reached.branch, UINT64_MAX}, &reached));
    }
}

static void wander(World *world, uint32_t steps)
{
    for (uint32_t i = 0; i < steps && !atomic_load(&world->table->is_enough); i++) {
        uint64_t what = next(world) % 400;
        if (what < 8) {
            jump(world);
        } else if (what < 12) {
            change_libraries(world);
        }
        tick(world);
    }
}

// Of what was noted for a future that nobody followed nothing is left.
static void forget_lost(World *world)
{
    Table *table = world->table;
    uint32_t count = 0;
    TimelineBranch list[TIMELINE_BRANCHES_MAX + 1];
    size_t branches = timeline_branches(world->timeline, list, COUNT_OF(list));
    for (uint32_t i = 0; i < atomic_load(&table->count); i++) {
        bool is_there = false;
        for (size_t k = 0; k < branches; k++) {
            is_there |= list[k].id == table->known[i].place.branch
                        && table->known[i].place.at <= list[k].last;
        }
        if (is_there) {
            table->known[count++] = table->known[i];
        }
    }
    atomic_store(&table->count, count);
}

// A process may die, and be followed, between its last capture and the note of it.
static void note_the_last(World *world)
{
    if (!find(world, timeline_owner(world->timeline, timeline_here(world->timeline)))) {
        CHECK(equal_now(world, &world->table->coming));
        note(world, &world->table->coming);
    }
}

// Each moment that is known can be gone to (or, `thinned`, an earlier one) and is right.
static void check_all(World *world, bool thinned)
{
    TimelinePlace here = timeline_here(world->timeline), reached;
    forget_lost(world);
    note_the_last(world);
    const Known *now = find(world, timeline_owner(world->timeline, here));
    CHECK(now && equal_now(world, now));
    uint32_t count = atomic_load(&world->table->count);
    for (uint32_t i = 0; i < count; i++) {
        const Known *known = &world->table->known[i];
        TimelineMoment moment;
        CHECK(go(world, known->place, &reached));
        CHECK(thinned || reached.at == known->place.at);
        CHECK(known->place.at <= timeline_first(world->timeline, 0)
              || timeline_moment(world->timeline, known->place, &moment));
    }
    CHECK(go(world, here, &reached));
}

// ------------------------------------------------------------------------------ lives that end

static int file(void)
{
    int fd = memfd_create("kept", MFD_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static int open_of(pid_t pid, int fd)
{
    char path[64];
    assert_true(text_format(path, sizeof(path), "/proc/%d/fd/%d", pid, fd));
    int own = open(path, O_RDWR | O_CLOEXEC);
    assert_true(own >= 0);
    return own;
}

static TimelineHandles dup_handles(const Timeline *timeline)
{
    TimelineHandles handles = timeline_handles(timeline);
    return (TimelineHandles){fcntl(handles.store, F_DUPFD_CLOEXEC, 0),
                             fcntl(handles.index, F_DUPFD_CLOEXEC, 0),
                             fcntl(handles.initials, F_DUPFD_CLOEXEC, 0)};
}

// One life in a process of its own: from the beginning, or from where the last one was followed to.
static void live(Table *table, size_t budget, uint64_t seed, int store, int fd)
{
    World world;
    Fault fault;
    if (store < 0) {
        begin(&world, table, budget, seed);
    } else {
        if (!adopt(&world, table, budget, seed, store, fd, &fault)) {
            fprintf(stderr, "%s\n", fault.text);
            _exit(1);
        }
        check_all(&world, budget == TINY);
    }
    table->handles = timeline_handles(world.timeline);
    atomic_store(&table->is_ready, 1);
    wander(&world, UINT32_MAX);
    check_all(&world, budget == TINY);
    end(&world);
    _exit(0);
}

typedef struct Lives {
    Arena arena;
    Table *table;
    size_t budget;
    int store, fd;
    uint32_t noted; // moments that were followed for certain
    uint64_t follows, even_deaths;
} Lives;

static pid_t spawn(Lives *lives, uint64_t seed)
{
    atomic_store(&lives->table->is_ready, 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        live(lives->table, lives->budget, seed, lives->store, lives->fd);
    }
    while (!atomic_load(&lives->table->is_ready)) {
        int status;
        assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
        usleep(200);
    }
    return pid;
}

static void follow(Lives *lives, TimelineMirror *mirror)
{
    Fault fault;
    uint32_t noted = atomic_load(&lives->table->count);
    if (mirror_follow(mirror, &fault)) {
        lives->noted = noted;
        lives->follows++;
    } else if (fault.kind != FAULT_INCOMPLETE) {
        fail_msg("%s", fault.text);
    }
}

static void one_life(Lives *lives, uint64_t seed)
{
    Fault fault;
    pid_t pid = spawn(lives, seed);
    TimelineHandles of = lives->table->handles;
    TimelineHandles handles = {open_of(pid, of.store), open_of(pid, of.index),
                               open_of(pid, of.initials)};
    if (lives->store >= 0) {
        close(lives->store);
        close(lives->fd);
    }
    lives->store = fcntl(handles.store, F_DUPFD_CLOEXEC, 0);
    lives->fd = file();
    TimelineMirror *mirror = mirror_open(&handles, &fault);
    assert_non_null(mirror);
    uint32_t until = atomic_load(&lives->table->count) + 300 + (uint32_t)(seed * 7919 % 900);
    while (atomic_load(&lives->table->count) < until || !mirror_has_followed(mirror)) {
        int status;
        assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
        follow(lives, mirror);
        usleep((useconds_t)(seed * 104729 % 20000));
    }
    usleep((useconds_t)(seed * 15485863 % 9000));
    int status;
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    uint64_t before = lives->follows;
    follow(lives, mirror);
    lives->even_deaths += lives->follows > before;
    if (!mirror_write(mirror, lives->fd, &fault)) {
        fail_msg("%s", fault.text);
    }
    TimelinePlace place = mirror_place(mirror);
    const Known *last = &lives->table->known[lives->noted - 1];
    uint32_t written;
    memcpy(&written, mirror_extra(mirror), sizeof(written));
    assert_true(written + 1 >= lives->noted || place.at >= last->place.at);
    mirror_close(mirror);
}

static void many_lives(size_t budget, uint64_t lives_count, uint64_t seed)
{
    Lives lives = {.budget = budget, .store = -1, .fd = -1};
    lives.table = open_table(&lives.arena);
    for (uint64_t i = 0; i < lives_count; i++) {
        one_life(&lives, seed + i);
    }
    assert_true(lives.even_deaths > 0);
    atomic_store(&lives.table->is_enough, 1);
    int status;
    pid_t pid = spawn(&lives, seed);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    close(lives.store);
    close(lives.fd);
    arena_close(&lives.arena);
}

static void killed_at_any_moment_it_goes_on(void **state)
{
    (void)state;
    // Scenario: a process captures, jumps, forks, takes and drops libraries; another one follows
    // and kills it some time; the next one adopts and goes on; six lives. Expect: each finds
    // every moment up to the last one followed, and right; after a death outside of a change
    // nothing at all is missing.
    many_lives(LARGE, 6, 1);
}

static void with_a_tiny_budget_too(void **state)
{
    (void)state;
    // Scenario: the same with so little room that time thins out all the while.
    // Expect: what is left is right.
    many_lives(TINY, 6, 100);
}

// ------------------------------------------------------------------------------------- from inside

static void handed_over_from_inside(void **state)
{
    (void)state;
    // Scenario: a process hands its history over, another one (here: the same) adopts it, goes on
    // and does so as well; three times. Between a capture and the hand-over something is written.
    // Expect: all moments are there; memory is as of the last one; the extra bytes come along.
    Arena arena;
    Table *table = open_table(&arena);
    World world, after;
    Fault fault;
    begin(&world, table, LARGE, 3);
    for (uint64_t i = 0; i < 3; i++) {
        int fd = file();
        wander(&world, 700);
        memset(world.memory, (int)i, 100);
        if (!timeline_hand_over(world.timeline, fd, &fault)) {
            fail_msg("%s", fault.text);
        }
        int store = fcntl(timeline_handles(world.timeline).store, F_DUPFD_CLOEXEC, 0);
        TimelineStats before, now;
        timeline_settle(world.timeline);
        assert_true(timeline_hand_over(world.timeline, fd, &fault));
        timeline_stats(world.timeline, &before);
        end(&world);
        assert_true(adopt(&after, table, LARGE, i, store, fd, &fault));
        timeline_stats(after.timeline, &now);
        assert_true(now.used_bytes == before.used_bytes && now.branches == before.branches);
        assert_true(now.moments == before.moments && now.captured == before.captured);
        assert_memory_equal(timeline_extra(after.timeline),
                            &(uint32_t){atomic_load(&table->count) - 1}, 4);
        check_all(&after, false);
        world = after;
        close(fd);
        close(store);
    }
    end(&world);
    arena_close(&arena);
}

static void what_is_not_kept_says_so(void **state)
{
    (void)state;
    // Scenario: a timeline that is not kept; one that is, before it has begun and while it changes.
    // Expect: no handles, no extra area, no hand-over, and the reason in words.
    Fault fault;
    TimelineConfig config = {LARGE, DIRTY_BEST, false};
    Timeline *timeline = timeline_open(&config, &fault);
    assert_non_null(timeline);
    assert_int_equal(timeline_handles(timeline).store, -1);
    assert_null(timeline_extra(timeline));
    assert_false(timeline_hand_over(timeline, -1, &fault));
    assert_non_null(strstr(fault.text, "own"));
    timeline_close(timeline);
    config.kept = true;
    timeline = timeline_open(&config, &fault);
    assert_non_null(timeline);
    assert_int_equal(fcntl(timeline_handles(timeline).store, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(timeline_handles(timeline).index, F_GETFD), FD_CLOEXEC);
    assert_int_equal(fcntl(timeline_handles(timeline).initials, F_GETFD), FD_CLOEXEC);
    assert_false(timeline_hand_over(timeline, -1, &fault));
    TimelineHandles handles = dup_handles(timeline);
    TimelineMirror *mirror = mirror_open(&handles, &fault);
    assert_non_null(mirror);
    assert_false(mirror_follow(mirror, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    assert_false(mirror_has_followed(mirror));
    assert_false(mirror_write(mirror, -1, &fault));
    mirror_close(mirror);
    timeline_close(timeline);
}

// ------------------------------------------------------------------------------------ all in one

// A world and who follows it, in one process.
typedef struct Pair {
    Arena arena;
    Table *table;
    World world;
    TimelineMirror *mirror;
} Pair;

static Pair begin_pair(size_t budget, uint64_t seed)
{
    Pair pair = {0};
    Fault fault;
    pair.table = open_table(&pair.arena);
    begin(&pair.world, pair.table, budget, seed);
    TimelineHandles handles = dup_handles(pair.world.timeline);
    pair.mirror = mirror_open(&handles, &fault);
    assert_non_null(pair.mirror);
    assert_true(mirror_follow(pair.mirror, &fault));
    return pair;
}

static void must_follow(Pair *pair)
{
    Fault fault;
    if (!mirror_follow(pair->mirror, &fault)) {
        fail_msg("%s", fault.text);
    }
}

// After so much that time was thinned out: when no way leads there from what the mirror knows, it
// asks for the contents, and the next capture brings them.
static void catch_up(Pair *pair)
{
    Fault fault;
    if (!mirror_follow(pair->mirror, &fault)) {
        assert_int_equal(fault.kind, FAULT_INCOMPLETE);
        tick(&pair->world);
        must_follow(pair);
    }
}

static void end_pair(Pair *pair)
{
    mirror_close(pair->mirror);
    end(&pair->world);
    arena_close(&pair->arena);
}

// Dead as a process is: nothing of it is at work in the store that it leaves.
static void die(const World *world)
{
    worker_wait(world->timeline->worker);
}

// The world as the mirror knows it, in place of the one that was. `until`: what was noted then.
static void adopt_pair(Pair *pair, uint32_t until)
{
    Fault fault;
    int fd = file(),
        store = fcntl(timeline_handles(pair->world.timeline).store, F_DUPFD_CLOEXEC, 0);
    size_t budget = pair->world.budget;
    if (!mirror_write(pair->mirror, fd, &fault)) {
        fail_msg("%s", fault.text);
    }
    World gone = pair->world;
    die(&gone);
    if (!adopt(&pair->world, pair->table, budget, until, store, fd, &fault)) {
        fail_msg("%s", fault.text);
    }
    atomic_store(&pair->table->count, until);
    check_all(&pair->world, budget == TINY);
    end(&gone);
    close(fd);
    close(store);
}

static bool is_place(TimelinePlace a, TimelinePlace b)
{
    return a.branch == b.branch && a.at == b.at;
}

static void dead_in_the_middle_of_a_change(void **state)
{
    (void)state;
    // Scenario: after a follow a process goes on, thins out, forks, and dies within a change, with
    // half of it made.
    // Expect: following says that it is being changed; what was followed before is there and right,
    // though its edges have been given back meanwhile.
    Pair pair = begin_pair(TINY, 11);
    Fault fault;
    wander(&pair.world, 3000);
    catch_up(&pair);
    uint32_t until = atomic_load(&pair.table->count);
    TimelinePlace place = mirror_place(pair.mirror);
    assert_true(is_place(place, pair.table->known[until - 1].place));
    wander(&pair.world, 2500);
    timeline_change_begin(pair.world.timeline);
    wander(&pair.world, 100);
    pair.world.timeline->branch->block_count = 77777;
    assert_false(mirror_follow(pair.mirror, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    place = mirror_place(pair.mirror);
    assert_true(is_place(place, pair.table->known[until - 1].place));
    pair.world.timeline->branch->block_count = 0; // so that it can be closed
    adopt_pair(&pair, until);
    wander(&pair.world, 500);
    check_all(&pair.world, true);
    end_pair(&pair);
}

static void it_begins_again_beside_the_mirror(void **state)
{
    (void)state;
    // Scenario: history begins again over the same memory, and the process dies before that is
    // followed; then once more, and it is followed first.
    // Expect: the old history; then the new one.
    Pair pair = begin_pair(LARGE, 12);
    Fault fault;
    for (uint64_t i = 0; i < 2; i++) {
        wander(&pair.world, 900);
        must_follow(&pair);
        uint32_t until = atomic_load(&pair.table->count);
        assert_true(timeline_begin(pair.world.timeline, pair.world.memory, STATE_BYTES,
                                   pair.world.used_pages * PAGE_BYTES, &fault));
        if (i == 0) {
            adopt_pair(&pair, until);
            mirror_close(pair.mirror);
            TimelineHandles handles = dup_handles(pair.world.timeline);
            pair.mirror = mirror_open(&handles, &fault);
            assert_non_null(pair.mirror);
            continue;
        }
        atomic_store(&pair.table->count, 0);
        note_now(&pair.world);
        wander(&pair.world, 300);
        must_follow(&pair);
        adopt_pair(&pair, atomic_load(&pair.table->count));
    }
    end_pair(&pair);
}

static void dead_again_before_it_was_followed(void **state)
{
    (void)state;
    // Scenario: what a mirror wrote is adopted; the new process goes on, thins out, forks, begins
    // again, and dies before anybody followed it; the same is adopted once more, three times.
    // Expect: the same moments are there each time.
    Pair pair = begin_pair(TINY, 16);
    Fault fault;
    int fd = file(), store = fcntl(timeline_handles(pair.world.timeline).store, F_DUPFD_CLOEXEC, 0);
    wander(&pair.world, 3000);
    catch_up(&pair);
    uint32_t until = atomic_load(&pair.table->count);
    assert_true(mirror_write(pair.mirror, fd, &fault));
    for (uint64_t i = 0; i < 3; i++) {
        World next;
        wander(&pair.world, 1500);
        if (i == 1) {
            assert_true(timeline_begin(pair.world.timeline, pair.world.memory, STATE_BYTES,
                                       pair.world.used_pages * PAGE_BYTES, &fault));
        }
        atomic_store(&pair.table->count, until);
        die(&pair.world);
        if (!adopt(&next, pair.table, TINY, i, store, fd, &fault)) {
            fail_msg("%s", fault.text);
        }
        check_all(&next, true);
        end(&pair.world);
        pair.world = next;
    }
    close(fd);
    close(store);
    end_pair(&pair);
}

static void what_has_been_read_takes_no_memory(void **state)
{
    (void)state;
    // Scenario: a mirror follows, libraries come and are followed; then it is closed and another
    // one takes its place.
    // Expect: what the ranges began with is in the file until it is read; the new one asks for it.
    Pair pair = begin_pair(LARGE, 17);
    Fault fault;
    struct stat about;
    int initials = timeline_handles(pair.world.timeline).initials;
    assert_int_equal(fstat(initials, &about), 0);
    assert_int_equal(about.st_blocks, 0);
    change_libraries(&pair.world);
    assert_int_equal(fstat(initials, &about), 0);
    assert_true(about.st_blocks > 0);
    wander(&pair.world, 300);
    must_follow(&pair);
    assert_int_equal(fstat(initials, &about), 0);
    assert_int_equal(about.st_blocks, 0);
    mirror_close(pair.mirror);
    wander(&pair.world, 300);
    TimelineHandles handles = dup_handles(pair.world.timeline);
    pair.mirror = mirror_open(&handles, &fault);
    assert_non_null(pair.mirror);
    assert_false(mirror_follow(pair.mirror, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    assert_false(mirror_has_followed(pair.mirror));
    tick(&pair.world);
    must_follow(&pair);
    wander(&pair.world, 300);
    must_follow(&pair);
    adopt_pair(&pair, atomic_load(&pair.table->count));
    end_pair(&pair);
}

// ------------------------------------------------------------------------------------------ damage

static void rehash(uint8_t *bytes, size_t size)
{
    KeepHead head;
    memcpy(&head, bytes, sizeof(head));
    head.own_hash = 0;
    head.bytes = size - sizeof(head);
    head.hash = hash_bytes(bytes + sizeof(head), size - sizeof(head));
    head.own_hash = hash_bytes(&head, sizeof(head));
    memcpy(bytes, &head, sizeof(head));
}

static bool adopts(World *world, const uint8_t *bytes, size_t size, Fault *fault)
{
    TimelineConfig config = {LARGE, DIRTY_MEMCMP, true};
    int fd = file();
    assert_int_equal(write(fd, bytes, size), (ssize_t)size);
    Timeline *timeline =
        timeline_adopt(&config, timeline_handles(world->timeline).store, fd, fault);
    bool did = timeline != NULL;
    timeline_close(timeline);
    close(fd);
    return did;
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    // Scenario: of a good file a byte is another one, it is cut short, it is empty, it is not one
    // at all; then its words are changed at random and its hashes made to fit.
    // Expect: the first ones are Faults in words and the store stays as it is; none is a crash.
    enum { BYTES_MAX = 16 << 20 };
    Arena arena, buffer;
    Table *table = open_table(&arena);
    World world;
    Fault fault;
    int fd = file();
    begin(&world, table, LARGE, 5);
    wander(&world, 1200);
    assert_true(timeline_hand_over(world.timeline, fd, &fault));
    size_t size = (size_t)lseek(fd, 0, SEEK_END);
    assert_true(size > 10000 && size < BYTES_MAX);
    assert_true(arena_open(&buffer, 0, 2 * BYTES_MAX, &fault));
    uint8_t *good = arena_push(&buffer, 1, 8, size), *bad = arena_push(&buffer, 1, 8, size);
    assert_int_equal(pread(fd, good, size, 0), (ssize_t)size);
    for (int i = 0; i < 60; i++) {
        memcpy(bad, good, size);
        bad[i < 30 ? next(&world) % sizeof(KeepHead) : next(&world) % size] ^=
            (uint8_t)(1u << next(&world) % 8);
        assert_false(adopts(&world, bad, size, &fault));
        assert_int_equal(fault.kind, FAULT_FORMAT);
        assert_false(adopts(&world, good, next(&world) % size, &fault));
    }
    assert_false(adopts(&world, good, 0, &fault));
    memset(bad, 0, size);
    assert_false(adopts(&world, bad, size, &fault));
    check_all(&world, false);
    uint32_t refused = 0;
    for (int i = 0; i < 300; i++) {
        memcpy(bad, good, size);
        size_t room = i % 3 == 0 ? sizeof(KeepHead) : i % 3 == 1 ? 40000 : size;
        for (uint64_t k = 0; k < 1 + next(&world) % 3; k++) {
            static const uint64_t VALUES[] = {0, 1, UINT32_MAX, UINT64_MAX, 1u << 31, 65};
            uint64_t value = next(&world) % 2 ? next(&world) : VALUES[next(&world) % 6];
            memcpy(bad + (next(&world) % (room - 8)) / 4 * 4, &value, next(&world) % 2 ? 4 : 8);
        }
        rehash(bad, size);
        refused += !adopts(&world, bad, next(&world) % 9 ? size : next(&world) % size, &fault);
    }
    assert_true(refused > 20);
    end(&world);
    close(fd);
    arena_close(&buffer);
    arena_close(&arena);
}

static void a_scribbled_index_is_a_fault(void **state)
{
    (void)state;
    // Scenario: words of the index, of blocks and of edges are written over, as a game's stray
    // pointer would, each time in another way; the mirror follows.
    // Expect: it says no, or does not notice; it does not crash. What it followed before is good.
    Pair pair = begin_pair(LARGE, 13);
    Fault fault;
    Arena index, store, copy;
    wander(&pair.world, 1500);
    timeline_settle(pair.world.timeline);
    must_follow(&pair);
    TimelineHandles handles = timeline_handles(pair.world.timeline);
    assert_true(arena_open_file(&index, handles.index, true, &fault));
    assert_true(arena_open_file(&store, handles.store, true, &fault));
    assert_true(arena_open(&copy, 0, 16u << 20, &fault));
    Share *share = (Share *)(void *)index.base;
    size_t index_bytes = sizeof(Timeline), top = pair.world.timeline->store.top;
    uint8_t *was = arena_push(&copy, 1, 8, index_bytes), *page = arena_push(&copy, 1, 8, 8192);
    memcpy(was, index.base, index_bytes);
    uint64_t sequence = atomic_load(&share->sequence);
    uint32_t refused = 0;
    for (uint64_t i = 0; i < 600; i++) {
        size_t room = i % 2 ? offsetof(Timeline, ranges) + 4 * sizeof(Range) : index_bytes;
        uint8_t *in_store = store.base + (1 + next(&pair.world) % (top - 2)) * PAGE_BYTES;
        memcpy(page, in_store, 8192);
        for (uint64_t k = 0; k < 1 + i % 12; k++) {
            static const uint64_t VALUES[] = {0, 1, UINT32_MAX, UINT64_MAX, 1u << 31, 65};
            uint64_t value = next(&pair.world) % 2 ? next(&pair.world) : VALUES[i % 6];
            size_t at = sizeof(Share) + next(&pair.world) % (room - sizeof(Share) - 8);
            memcpy(i % 3 ? index.base + at : in_store + at % 8184, &value, sizeof(value));
        }
        atomic_store(&share->sequence, sequence += 2);
        refused += !mirror_follow(pair.mirror, &fault);
        memcpy(index.base + sizeof(Share), was + sizeof(Share), index_bytes - sizeof(Share));
        memcpy(in_store, page, 8192);
    }
    assert_true(refused > 50);
    arena_close(&index);
    arena_close(&store);
    arena_close(&copy);
    end_pair(&pair);
}

// ------------------------------------------------------------------------------------------- limbo

static void a_mirror_that_stalls_finds_what_it_knew(void **state)
{
    (void)state;
    // Scenario: with a tiny budget a process goes on for thousands of ticks unfollowed.
    // Expect: history stays within its budget as it counts; what was followed is all there.
    Pair pair = begin_pair(TINY, 14);
    TimelineStats stats;
    wander(&pair.world, 4000);
    catch_up(&pair);
    uint32_t until = atomic_load(&pair.table->count);
    uint32_t low = pair.world.timeline->store.top;
    wander(&pair.world, 6000);
    timeline_stats(pair.world.timeline, &stats);
    assert_true(stats.used_bytes <= stats.budget_bytes);
    assert_true(pair.world.timeline->store.top > low + 1000);
    adopt_pair(&pair, until);
    end_pair(&pair);
}

static void nobody_waits_for_ever(void **state)
{
    (void)state;
    // Scenario: unfollowed, a process changes so much that what waits becomes too large.
    // Expect: it stops waiting; what the mirror knew is void and says so, to itself and to who
    // would adopt an older file; then it asks for the contents, gets them and follows again.
    Pair pair = begin_pair(TINY, 15);
    Fault fault;
    int fd = file();
    wander(&pair.world, 100);
    must_follow(&pair);
    assert_true(mirror_write(pair.mirror, fd, &fault));
    Share *share = &pair.world.timeline->share;
    pair.world.used_pages = PAGES;
    for (int i = 0; i < 4000 && atomic_load(&share->is_followed); i++) {
        for (size_t at = 0; at < STATE_BYTES; at += 64) {
            memset(pair.world.memory + at, (int)next(&pair.world), 16);
        }
        tick(&pair.world);
        atomic_store(&pair.table->count, 1);
    }
    assert_false(atomic_load(&share->is_followed));
    assert_true(pair.world.timeline->store.limbo_units == 0);
    TimelineConfig config = {TINY, DIRTY_BEST, true};
    assert_null(timeline_adopt(&config, timeline_handles(pair.world.timeline).store, fd, &fault));
    assert_non_null(strstr(fault.text, "written over"));
    assert_false(mirror_write(pair.mirror, fd, &fault));
    assert_false(mirror_follow(pair.mirror, &fault));
    assert_int_equal(fault.kind, FAULT_INCOMPLETE);
    tick(&pair.world);
    must_follow(&pair);
    atomic_store(&pair.table->count, 0);
    note_now(&pair.world);
    for (int i = 0; i < 300; i++) {
        tick(&pair.world);
        if (i % 4 == 0) {
            must_follow(&pair);
        }
    }
    must_follow(&pair);
    adopt_pair(&pair, atomic_load(&pair.table->count));
    close(fd);
    end_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_at_any_moment_it_goes_on),
        cmocka_unit_test(with_a_tiny_budget_too),
        cmocka_unit_test(handed_over_from_inside),
        cmocka_unit_test(what_is_not_kept_says_so),
        cmocka_unit_test(dead_in_the_middle_of_a_change),
        cmocka_unit_test(it_begins_again_beside_the_mirror),
        cmocka_unit_test(dead_again_before_it_was_followed),
        cmocka_unit_test(what_has_been_read_takes_no_memory),
        cmocka_unit_test(a_damaged_file_is_refused),
        cmocka_unit_test(a_scribbled_index_is_a_fault),
        cmocka_unit_test(a_mirror_that_stalls_finds_what_it_knew),
        cmocka_unit_test(nobody_waits_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
