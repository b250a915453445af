// Time: a game is compiled, played, gone back in, looped, saved and played back.
#include "live_testing.h"

// Contents: helpers, seeking, loops, files, the same twice

enum { TICKS = 200 };

// ---------------------------------------------------------------------------------------- helpers

// Counts in a static and in a global, and shows both in the state.
#define COUNTS_GLOBALS "-DGLOBALS=int total = 5;"
#define COUNTS                                                                                     \
    "-DUPDATE=static int calls; calls++; total += calls; s->loads = total * 1000 + calls; "        \
    "s->keys += (int)t->in->mouse.x; s->of_libc = 0"

// A tick whose input is told by `n`.
static bool try_tick_with(Room *room, uint64_t n)
{
    hl_input input = {.window_w = 640, .window_h = 360};
    bool space = n % 3 == 0 || n % 7 == 0;
    input.mouse = (hl_vec2){(float)(n % 50), (float)(n / 2)};
    input.key[HL_KEY_SPACE] = (hl_button){.down = space, .changes = (uint8_t)(n % 5 == 1)};
    sound_reset(&room->sound);
    return live_tick(&room->live, &input, &room->did, &room->fault);
}

static void tick_with(Room *room, uint64_t n)
{
    if (!try_tick_with(room, n)) {
        fail_msg("%s", room->fault.text);
    }
    assert_true(room->did.ran);
}

// `count` ticks; their hashes from hashes[1] on when they are wanted, [0] is that of before.
static void play_with(Room *room, uint64_t first, uint64_t count, uint64_t *hashes)
{
    for (uint64_t i = 0; i < count; i++) {
        tick_with(room, first + i);
        if (hashes) {
            hashes[i + 1] = live_hash(&room->live);
        }
    }
}

static LivePlace seek(Room *room, uint32_t branch, uint64_t moment)
{
    LivePlace reached;
    if (!live_seek(&room->live, (LivePlace){branch, moment}, &reached, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    return reached;
}

static LiveSpan span_of(Room *room)
{
    LiveSpan span;
    assert_true(live_span(&room->live, &span));
    return span;
}

// The library at `path` on the recording at room->replay_path.
static ReplayReader *open_recording(Room *room, const char *path)
{
    Fault damage = {0};
    live_close(&room->live); // which may be writing it
    room->config.record_path = NULL;
    room->config.replay = replay_open(room->replay_path, &damage, &room->fault);
    if (!room->config.replay) {
        fail_msg("%s", room->fault.text);
    }
    assert_int_equal(damage.kind, FAULT_NONE);
    open_again(room);
    if (!try_swap(room, path)) {
        fail_msg("%s", room->fault.text);
    }
    return room->config.replay;
}

static void close_recording(Room *room)
{
    live_close(&room->live);
    replay_close(room->config.replay);
    room->config.replay = NULL;
}

static LiveVerify verify_with(Room *room, const char *path)
{
    LiveVerify verify = {0};
    (void)open_recording(room, path);
    while (!verify.ended && !verify.diverged) {
        if (!live_verify(&room->live, 64, &verify, &room->fault)) {
            fail_msg("%s", room->fault.text);
        }
    }
    return verify;
}

// Begins a recording of the library at `path`, with history.
static void record_with(Room *room, const char *path)
{
    room->config.record_path = room->replay_path;
    open_with_history(room);
    assert_true(try_swap(room, path));
}

static void wait_for_save(Room *room, LiveSaved *saved)
{
    uint64_t until_ns = mono_ns() + 10 * NS_PER_S; // only a hang gets there
    while (!live_save_done(&room->live, saved)) {
        assert_true(mono_ns() < until_ns);
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
    if (!saved->ok) {
        fail_msg("%s", saved->fault.text);
    }
}

// ----------------------------------------------------------------------------------------- seeking

static void every_moment_is_what_it_was(void **state)
{
    // Scenario: 200 ticks of a game with a static and a global; 100 random moments are gone to, and
    // the first and the last one, and one beyond each end.
    // Expect: the hash of then each time, which also counts globals; ends are kept to.
    Room *room = *state;
    uint64_t hashes[TICKS + 1];
    srand(7);
    open_with_history(room);
    swap_in(room, COUNTS, COUNTS_GLOBALS, NULL);
    play_with(room, 1, TICKS, hashes);
    assert_int_equal(span_of(room).last, TICKS);
    for (int i = 0; i < 100; i++) {
        uint64_t moment = 1 + (uint64_t)rand() % TICKS;
        assert_int_equal(seek(room, 0, moment).moment, moment);
        assert_int_equal(live_tick_number(&room->live), moment);
        assert_int_equal(live_hash(&room->live), hashes[moment]);
        assert_int_equal(live_is_past(&room->live), moment < TICKS);
        assert_int_equal(live_recorded_ahead(&room->live), moment < TICKS);
    }
    assert_int_equal(seek(room, 0, 0).moment, 0);
    assert_int_equal(game_of(room)->count, 0);
    assert_int_equal(game_of(room)->inits, 1);
    assert_int_equal(seek(room, 0, TICKS + 1000).moment, TICKS);
    assert_int_equal(live_hash(&room->live), hashes[TICKS]);
}

static void globals_go_back_with_the_state(void **state)
{
    // Scenario: at some moments of 200 the game is played on with the input of then; a static and a
    // global decide what comes out, and the state shows them.
    // Expect: they count on from what they were then, so the next moment comes out as it did.
    Room *room = *state;
    uint64_t hashes[TICKS + 1];
    static const uint64_t MOMENTS[] = {199, 1, 64, 0, 117, 16};
    open_with_history(room);
    swap_in(room, COUNTS, COUNTS_GLOBALS, NULL);
    play_with(room, 1, TICKS, hashes);
    for (size_t i = 0; i < COUNT_OF(MOMENTS); i++) {
        int at = (int)MOMENTS[i];
        (void)seek(room, 0, MOMENTS[i]);
        tick_with(room, MOMENTS[i] + 1);
        assert_int_equal(game_of(room)->loads, (5 + (at + 1) * (at + 2) / 2) * 1000 + at + 1);
        if (at > 0) { // the first tick of a build is told so only once
            assert_int_equal(live_hash(&room->live), hashes[at + 1]);
        }
    }
}

static void playing_on_from_the_past_makes_a_branch(void **state)
{
    // Scenario: 200 ticks; back to 50, ten ticks with other input; both futures are gone to.
    // Expect: the first of the ten says that it forked; each branch has its own last moment, and
    // every moment of either is what it was.
    Room *room = *state;
    uint64_t hashes[TICKS + 1], others[11];
    open_with_history(room);
    swap_in(room, COUNTS, COUNTS_GLOBALS, NULL);
    play_with(room, 1, TICKS, hashes);
    (void)seek(room, 0, 50);
    for (uint64_t i = 1; i <= 10; i++) {
        tick_with(room, 1020 + i);
        assert_int_equal(room->did.forked, i == 1);
        others[i] = live_hash(&room->live);
        assert_int_not_equal(others[i], hashes[50 + i]);
    }
    LiveSpan span = span_of(room);
    assert_int_not_equal(span.branch, 0);
    assert_int_equal(span.here, 60);
    assert_int_equal(span.last, 60);
    assert_false(live_is_past(&room->live));
    assert_int_equal(seek(room, 0, 120).branch, 0);
    assert_int_equal(live_hash(&room->live), hashes[120]);
    assert_int_equal(span_of(room).last, TICKS);
    for (uint64_t i = 1; i <= 10; i++) {
        (void)seek(room, span.branch, 50 + i);
        assert_int_equal(live_hash(&room->live), others[i]);
    }
    (void)seek(room, span.branch, 30); // before the fork: its parent's past
    assert_int_equal(live_hash(&room->live), hashes[30]);
    (void)seek(room, 0, TICKS);
    tick_with(room, 1);
    assert_false(room->did.forked);
    assert_int_equal(span_of(room).last, TICKS + 1);
}

static void restarts_and_builds_are_gone_back_over(void **state)
{
    // Scenario: 30 ticks, a restart, 30 ticks, a build with another step, 30 ticks; moments of all
    // three parts; then on from the first part, with the build that plays.
    // Expect: the state of then; the new build goes on from the old state; it was not told so then.
    Room *room = *state;
    bool took_pending;
    open_with_history(room);
    swap_in(room, NULL, NULL, NULL);
    play_with(room, 1, 30, NULL);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    play_with(room, 1, 30, NULL);
    swap_in(room, "-DSTEP=10", NULL, NULL);
    play_with(room, 1, 30, NULL);
    assert_int_equal(span_of(room).last, 91); // the restart is one
    static const struct {
        uint64_t moment;
        int tick, count;
    } THEN[] = {{12, 12, 12}, {91, 60, 330}, {30, 30, 30}, {31, 0, 0}, {61, 30, 30}, {62, 31, 40}};
    for (size_t i = 0; i < COUNT_OF(THEN); i++) {
        (void)seek(room, 0, THEN[i].moment);
        assert_int_equal(live_tick_number(&room->live), THEN[i].tick);
        assert_int_equal(game_of(room)->count, THEN[i].count);
        assert_int_equal(game_of(room)->step(1), 11); // the function of the build that plays
    }
    (void)seek(room, 0, 20);
    assert_false(live_recorded_ahead(&room->live)); // this build has not played what follows
    tick_with(room, 21);
    assert_true(room->did.forked);
    assert_int_equal(game_of(room)->count, 30);
}

static void failed_tick_leaves_past_and_future(void **state)
{
    // Scenario: 40 ticks; back to 20, where Space breaks an assert; Space is pressed; then forward.
    // Expect: no moment and no branch is made, the state is that of 20; going to 40 plays again.
    Room *room = *state;
    uint64_t hashes[41];
    open_with_history(room);
    swap_in(room, "-DUPDATE=static int n; n++; HL_ASSERT(t, n != 21 || t->in->mouse.x < 49)", NULL,
            NULL);
    play_with(room, 1, 40, hashes);
    (void)seek(room, 0, 20);
    assert_false(try_tick_with(room, 49));
    assert_int_equal(room->live.stopped.kind, FAULT_GAME);
    assert_int_equal(span_of(room).branch, 0);
    assert_int_equal(span_of(room).here, 20);
    assert_int_equal(span_of(room).last, 40);
    assert_int_equal(live_hash(&room->live), hashes[20]);
    (void)seek(room, 0, 40);
    assert_int_equal(live_hash(&room->live), hashes[40]);
    assert_int_equal(room->live.stopped.kind, FAULT_NONE);
    tick_with(room, 41);
}

// --------------------------------------------------------------------------------------------
// looks

// Draws what it counts, and does what a draw() should not: it writes.
#define SHOWS "-DDRAW=hl_rect(c, (float)s->count, (float)total, 1, 1, HL_WHITE); total++; s->keys++"

static void assert_peek(Room *room, DrawList *draw, LivePlace at)
{
    draw_reset(draw, 320, 180);
    if (!live_peek(&room->live, at, draw, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    assert_int_equal(draw->cmd_count, 2);
    assert_int_equal((int)draw->cmds[1].p[0], (int)at.moment);
}

static void looks_disturb_nothing(void **state)
{
    // Scenario: 60 ticks, back to 20 and 80 more with other inputs, noted; the same 80 again with
    // three looks before each tick, at both branches, also while it is recorded.
    // Expect: each look shows the moment that was asked for; each tick has the hash that it had
    // without them, nothing of what draw() writes is left, and the recording verifies.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    uint64_t hashes[81], again[81];
    DrawList draw;
    assert_true(draw_open(&draw, &room->fault));
    srand(11);
    build(room, path, COUNTS, COUNTS_GLOBALS, SHOWS);
    record_with(room, path);
    play_with(room, 1, 60, NULL);
    (void)seek(room, 0, 20);
    play_with(room, 300, 80, hashes);
    (void)seek(room, 0, 20);
    again[0] = live_hash(&room->live);
    for (uint64_t i = 0; i < 80; i++) {
        LiveSpan span = span_of(room);
        for (int k = 0; k < 3; k++) {
            bool is_other = rand() % 2;
            uint64_t moment = 1 + (uint64_t)rand() % (is_other ? 60 : span.here);
            LivePlace at = {is_other ? 0 : span.branch, moment};
            assert_true(live_can_peek(&room->live, at));
            assert_peek(room, &draw, at);
        }
        assert_int_equal(span_of(room).here, span.here);
        assert_int_equal(span_of(room).branch, span.branch);
        assert_int_equal(live_hash(&room->live), again[i]);
        play_with(room, 300 + i, 1, &again[i]);
    }
    assert_memory_equal(hashes + 1, again + 1, 80 * sizeof(hashes[0]));
    LiveVerify verify = verify_with(room, path);
    assert_true(verify.ended && !verify.diverged);
    close_recording(room);
    draw_close(&draw);
}

static void looks_at_what_cannot_be_had_are_refused(void **state)
{
    // Scenario: before any tick, and after 30 ticks, another build and 30 more: looks at a moment
    // of either build; at a branch and at a moment that are not. Expect: another build's moment is
    // refused with a reason, the others as well; the game plays on as if nobody had looked.
    Room *room = *state;
    DrawList draw;
    assert_true(draw_open(&draw, &room->fault));
    open_with_history(room);
    assert_false(live_can_peek(&room->live, (LivePlace){0, 0}));
    swap_in(room, NULL, NULL, NULL);
    play_with(room, 1, 30, NULL);
    swap_in(room, "-DDRAW=hl_rect(c, (float)s->count, 0, 1, 1, HL_WHITE)", NULL, NULL);
    play_with(room, 31, 30, NULL);
    uint64_t hash = live_hash(&room->live);
    assert_false(live_can_peek(&room->live, (LivePlace){0, 10}));
    assert_false(live_peek(&room->live, (LivePlace){0, 10}, &draw, &room->fault));
    assert_non_null(strstr(room->fault.text, "another build"));
    assert_false(live_can_peek(&room->live, (LivePlace){0, 6100}));
    assert_false(live_can_peek(&room->live, (LivePlace){77, 50}));
    assert_false(live_peek(&room->live, (LivePlace){77, 50}, &draw, &room->fault));
    draw_reset(&draw, 320, 180);
    assert_true(live_peek(&room->live, (LivePlace){0, 50}, &draw, &room->fault));
    assert_int_equal((int)draw.cmds[1].p[0], 50);
    assert_int_equal(room->live.stopped.kind, FAULT_NONE);
    assert_int_equal(live_hash(&room->live), hash);
    assert_int_equal(span_of(room).here, 60);
    play_with(room, 61, 5, NULL);
    draw_close(&draw);
}

// ------------------------------------------------------------------------------------------- loops

static void loop_of_two_moments_repeats_them(void **state)
{
    // Scenario: 200 ticks; moments 50 to 80 are looped, three passes with other keys held; a moment
    // in the loop is gone to, then one outside.
    // Expect: after each tick what was there then; the jump inside keeps the loop at that phase,
    // the one outside lets it go; the whole history is still there.
    Room *room = *state;
    uint64_t hashes[TICKS + 1], first, last;
    open_with_history(room);
    swap_in(room, COUNTS, COUNTS_GLOBALS, NULL);
    play_with(room, 1, TICKS, hashes);
    assert_true(live_loop_between(&room->live, 50, 80, &room->fault));
    assert_true(live_loop_span(&room->live, &first, &last));
    assert_int_equal(first, 50);
    assert_int_equal(last, 80);
    for (uint64_t i = 0; i < 90; i++) {
        tick_with(room, 7777 + i);
        assert_int_equal(room->did.wrapped, i % 30 == 0);
        assert_false(room->did.forked);
        assert_int_equal(live_hash(&room->live), hashes[51 + i % 30]);
    }
    (void)seek(room, span_of(room).branch, 60);
    assert_int_equal(room->live.loop, LIVE_LOOP_PLAY);
    tick_with(room, 1);
    assert_int_equal(live_hash(&room->live), hashes[61]);
    (void)seek(room, 0, 150);
    assert_int_equal(room->live.loop, LIVE_LOOP_OFF);
    assert_int_equal(live_hash(&room->live), hashes[150]);
    (void)seek(room, 0, TICKS);
    assert_int_equal(live_hash(&room->live), hashes[TICKS]);
}

static void loop_that_cannot_be_is_refused(void **state)
{
    // Scenario: loops of no moments, backwards, behind the end; without history.
    // Expect: each is refused with a reason, and the game plays on.
    Room *room = *state;
    open_with_history(room);
    swap_in(room, NULL, NULL, NULL);
    play_with(room, 1, 20, NULL);
    static const uint64_t BAD[][2] = {{5, 5}, {9, 3}, {20, 30}, {UINT64_MAX, 3}};
    for (size_t i = 0; i < COUNT_OF(BAD); i++) {
        assert_false(live_loop_between(&room->live, BAD[i][0], BAD[i][1], &room->fault));
        assert_non_null(strstr(room->fault.text, "0 to 20"));
        assert_int_equal(room->live.loop, LIVE_LOOP_OFF);
        play_with(room, 1, 0, NULL);
    }
    room->config.history_bytes = 0;
    open_again(room);
    swap_in(room, NULL, NULL, NULL);
    play_with(room, 1, 20, NULL);
    assert_false(live_loop_between(&room->live, 3, 9, &room->fault));
    assert_non_null(strstr(room->fault.text, "--history 0"));
    play_with(room, 21, 1, NULL);
}

// ------------------------------------------------------------------------------------------- files

static void part_of_history_plays_back_the_same(void **state)
{
    // Scenario: of 200 ticks, moments 50 to 150 are saved while the game plays on; the file is
    // played in a session of its own, with the same library.
    // Expect: it holds those moments, begins and ends with the hashes of then.
    Room *room = *state;
    uint64_t hashes[TICKS + 1];
    char path[FILE_PATH_MAX];
    LiveSaved saved;
    build(room, path, COUNTS, COUNTS_GLOBALS, NULL);
    open_with_history(room);
    assert_true(try_swap(room, path));
    play_with(room, 1, TICKS, hashes);
    assert_true(live_save_begin(&room->live, room->replay_path, 50, 150, &room->fault));
    play_with(room, 1, 20, NULL);
    wait_for_save(room, &saved);
    assert_int_equal(saved.first, 50);
    assert_int_equal(saved.last, 150);
    assert_string_equal(saved.note, "");
    (void)open_recording(room, path);
    assert_int_equal(live_hash(&room->live), hashes[50]);
    for (uint64_t at = 51; at <= 150; at++) {
        tick_with(room, 3); // what is pressed does not count
        assert_int_equal(live_hash(&room->live), hashes[at]);
    }
    assert_true(try_tick_with(room, 3));
    assert_true(room->did.replay_ended);
    assert_int_equal(room->live.replay_hash, hashes[150]);
    close_recording(room);
    LiveVerify verify = verify_with(room, path);
    assert_false(verify.diverged);
    assert_int_equal(verify.ticks, 100);
    close_recording(room);
}

static void part_of_history_over_a_swap_plays_back_the_same(void **state)
{
    // Scenario: 30 ticks of one build, 30 of another, which is told that it is new and counts that;
    // saved from the first moment that there is, and from 20; and a recording in which time was
    // brought back over the swap, and forward again to be played on.
    // Expect: played back, the game is told the same: as often, and all counts come out the same.
    Room *room = *state;
    char path[FILE_PATH_MAX], same[FILE_PATH_MAX];
    LiveSaved saved;
    build(room, path, COUNTS, COUNTS_GLOBALS, NULL);
    build(room, same, COUNTS, COUNTS_GLOBALS, "-O1"); // does the same, so that all can be compared
    for (uint64_t first = 0; first <= 20; first += 20) {
        open_with_history(room);
        assert_true(try_swap(room, path));
        play_with(room, 1, 30, NULL);
        int before = game_of(room)->reloads;
        assert_true(try_swap(room, path));
        play_with(room, 31, 30, NULL);
        assert_int_equal(game_of(room)->reloads, before + 1);
        int reloads = game_of(room)->reloads, count = game_of(room)->count;
        assert_true(live_save_begin(&room->live, room->replay_path, first, 60, &room->fault));
        wait_for_save(room, &saved);
        (void)open_recording(room, same);
        while (room->live.moment < 60) {
            tick_with(room, 3);
        }
        assert_int_equal(game_of(room)->reloads, reloads);
        assert_int_equal(game_of(room)->count, count);
        close_recording(room);
    }
    record_with(room, path);
    play_with(room, 1, 30, NULL);
    assert_true(try_swap(room, path));
    play_with(room, 31, 30, NULL);
    (void)seek(room, 0, 20);
    play_with(room, 500, 3, NULL);
    (void)seek(room, 0, 60);
    play_with(room, 61, 10, NULL);
    int reloads = game_of(room)->reloads;
    (void)open_recording(room, same);
    while (room->live.moment < 70) {
        tick_with(room, 3);
    }
    assert_int_equal(game_of(room)->reloads, reloads);
    close_recording(room);
}

static void verify_tells_same_from_other(void **state)
{
    // Scenario: a recording of 200 ticks is verified with the build it was made with, with one that
    // steps by 2, and with one that differs in tick 77 alone.
    // Expect: all ticks the same; other from the first tick on; from tick 77 on, and both say
    // where.
    Room *room = *state;
    char path[FILE_PATH_MAX], other[FILE_PATH_MAX], late[FILE_PATH_MAX];
    build(room, path, NULL, NULL, NULL);
    build(room, other, "-DSTEP=2", NULL, NULL);
    build(room, late, "-DUPDATE=s->count += t->tick == 77", NULL, NULL);
    record_with(room, path);
    play_with(room, 1, TICKS, NULL);
    live_close(&room->live);
    LiveVerify verify = verify_with(room, path);
    assert_true(verify.ended);
    assert_false(verify.diverged);
    assert_int_equal(verify.ticks, TICKS);
    assert_true(verify.checked > 0);
    close_recording(room);
    verify = verify_with(room, other);
    assert_true(verify.diverged);
    assert_int_equal(verify.moment, 1);
    close_recording(room);
    verify = verify_with(room, late);
    assert_true(verify.diverged);
    assert_int_equal(verify.moment, 77);
    assert_int_not_equal(verify.wanted, verify.got);
    assert_non_null(strstr(verify.where, "Game"));
    close_recording(room);
}

static void jumps_while_recording_are_in_the_file(void **state)
{
    // Scenario: recorded: 100 ticks, back to 40 and on for 30, the old future's 90 and on for 20,
    // with a restart in between; back to 105 without playing on, which ends the session.
    // Expect: the file is whole, verifies in every tick and ends with the state shown last.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    bool took_pending;
    build(room, path, COUNTS, COUNTS_GLOBALS, NULL);
    record_with(room, path);
    play_with(room, 1, 100, NULL);
    (void)seek(room, 0, 40);
    play_with(room, 500, 10, NULL);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    play_with(room, 600, 20, NULL);
    (void)seek(room, 0, 90);
    play_with(room, 700, 20, NULL);
    (void)seek(room, span_of(room).branch, 105);
    uint64_t hash = live_hash(&room->live);
    assert_int_equal(room->live.writer_fault.kind, FAULT_NONE);
    LiveVerify verify = verify_with(room, path);
    assert_true(verify.ended);
    assert_false(verify.diverged);
    assert_int_equal(verify.ticks, 105);
    assert_true(room->live.replay_finished);
    assert_int_equal(room->live.replay_hash, hash);
    assert_int_equal(live_hash(&room->live), hash);
    close_recording(room);
}

static void replay_can_be_joined_at_its_keyframes(void **state)
{
    // Scenario: a recording of 1,300 ticks, over 20 seconds; a session on it is brought near 1,250.
    // Expect: it begins at a keyframe not long before, with the hash of that moment, and the ticks
    // from there come out as they did.
    Room *room = *state;
    enum { LONG = 1300 };
    static uint64_t hashes[LONG + 1];
    char path[FILE_PATH_MAX];
    build(room, path, COUNTS, COUNTS_GLOBALS, NULL);
    record_with(room, path);
    play_with(room, 1, LONG, hashes);
    (void)open_recording(room, path);
    assert_true(live_replay_join(&room->live, 1250, &room->fault));
    assert_in_range(room->live.moment, 650, 1250);
    assert_int_equal(live_hash(&room->live), hashes[room->live.moment]);
    while (room->live.moment < LONG) {
        tick_with(room, 3);
        assert_int_equal(live_hash(&room->live), hashes[room->live.moment]);
    }
    close_recording(room);
}

static void addresses_of_libraries_are_not_lost_unsaid(void **state)
{
    // Scenario: the state holds a pointer into libc; over 10 seconds are recorded, and a part
    // saved. Expect: no keyframe without it is in the recording, which verifies; of the file it is
    // told.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    ReplaySummary summary;
    LiveSaved saved;
    build(room, path, NULL, NULL, NULL);
    record_with(room, path);
    play_with(room, 1, 700, NULL);
    assert_true(file_join(path, room->folder, "part.replay"));
    assert_true(live_save_begin(&room->live, path, 50, 150, &room->fault));
    wait_for_save(room, &saved);
    assert_non_null(strstr(saved.note, "1 addresses of other libraries"));
    build(room, path, NULL, NULL, NULL);
    LiveVerify verify = verify_with(room, path);
    assert_false(verify.diverged);
    assert_int_equal(verify.ticks, 700);
    replay_summary(room->config.replay, &summary);
    assert_int_equal(summary.keyframes, 0);
    close_recording(room);
}

// --------------------------------------------------------------------------------- the same twice

static void synctest_finds_what_is_not_state(void **state)
{
    // Scenario: every tick is run twice more; a game counts in malloc'ed memory, which is no state.
    // The test owns it, so that a sanitizer finds no leak.
    // Expect: the first tick is named, with the type of what differs.
    Room *room = *state;
    char address[32];
    int *hidden = calloc(1, sizeof(*hidden));
    (void)text_format(address, sizeof(address), "%p", (void *)hidden);
    assert_int_equal(setenv("HOTLOOP_TEST_HIDDEN", address, 1), 0);
    room->config.synctest = 2;
    open_with_history(room);
    swap_in(room,
            "-DUPDATE=int *hidden = (int *)strtoull(getenv(\"HOTLOOP_TEST_HIDDEN\"), 0, 16); "
            "s->keys += ++*hidden",
            NULL, NULL);
    play_with(room, 1, 1, NULL);
    assert_int_equal(room->live.desyncs, 1);
    assert_true(room->live.desync.is_new);
    assert_int_equal(room->live.desync.moment, 1);
    assert_non_null(strstr(room->live.desync.text, "Game"));
    assert_int_equal(game_of(room)->keys, 1); // what the first run did stays
    free(hidden);
    (void)unsetenv("HOTLOOP_TEST_HIDDEN");
}

static void synctest_finds_nothing_in_a_clean_game(void **state)
{
    // Scenario: a game that counts in globals, allocates, loads and saves, 100 ticks, with every
    // tick run three times more, and without.
    // Expect: no tick differs, and the run ends with the same state either way.
    Room *room = *state;
    static const char CLEAN[] =
        "-DUPDATE=static int calls; calls++; total += calls; HL_LOAD(t, \"one\", int, &s->loads); "
        "s->loads++; HL_SAVE(t, \"one\", int, &s->loads); hl_tone(t, HL_SINE, 440, 0.1f, 1); "
        "hl_log(t, \"x\")";
    char path[FILE_PATH_MAX], command[128];
    uint64_t hashes[2];
    build(room, path, CLEAN, COUNTS_GLOBALS, NULL);
    for (int i = 0; i < 2; i++) {
        (void)text_format(command, sizeof(command), "rm -rf %s", room->saves);
        assert_int_equal(system(command), 0);
        room->config.synctest = i * 3;
        open_with_history(room);
        assert_true(try_swap(room, path));
        for (uint64_t n = 1; n <= 100; n++) {
            tick_with(room, n);
            assert_int_equal(room->sound.cmd_count, 1); // heard and said once
            assert_int_equal(room->live.host->line_count, 1);
            room->live.host->line_count = 0;
        }
        assert_int_equal(game_of(room)->loads, 100);
        hashes[i] = live_hash(&room->live);
    }
    assert_int_equal(room->live.synced, 100);
    if (room->live.desyncs > 0) {
        fail_msg("%s", room->live.desync.text);
    }
    assert_int_equal(hashes[0], hashes[1]);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

static void variables_count_after_a_reload_too(void **state)
{
    // Scenario: a recording of 20 ticks of one build and 40 of the next, whose variables lie
    // elsewhere; verified with the last one.
    // Expect: all ticks come out the same.
    Room *room = *state;
    char paths[2][FILE_PATH_MAX];
    build(room, paths[0], COUNTS, COUNTS_GLOBALS, NULL);
    build(room, paths[1], COUNTS, COUNTS_GLOBALS, "-O1");
    record_with(room, paths[0]);
    play(room, 20);
    assert_true(try_swap(room, paths[1]));
    play(room, 40);
    LiveVerify verify = verify_with(room, paths[1]);
    if (verify.diverged) {
        fail_msg("%llu: %s", (unsigned long long)verify.moment, verify.where);
    }
    assert_int_equal(verify.ticks, 60);
    close_recording(room);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_moment_is_what_it_was),
        CASE(globals_go_back_with_the_state),
        CASE(playing_on_from_the_past_makes_a_branch),
        CASE(restarts_and_builds_are_gone_back_over),
        CASE(failed_tick_leaves_past_and_future),
        CASE(looks_disturb_nothing),
        CASE(looks_at_what_cannot_be_had_are_refused),
        CASE(loop_of_two_moments_repeats_them),
        CASE(loop_that_cannot_be_is_refused),
        CASE(part_of_history_plays_back_the_same),
        CASE(part_of_history_over_a_swap_plays_back_the_same),
        CASE(verify_tells_same_from_other),
        CASE(jumps_while_recording_are_in_the_file),
        CASE(variables_count_after_a_reload_too),
        CASE(replay_can_be_joined_at_its_keyframes),
        CASE(addresses_of_libraries_are_not_lost_unsaid),
        CASE(synctest_finds_what_is_not_state),
        CASE(synctest_finds_nothing_in_a_clean_game),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
