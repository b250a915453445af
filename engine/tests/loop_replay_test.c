// Time: looping a moment while the code changes, recording a session and playing it again.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char KEYS[] = "5 key RIGHT down\n40 key RIGHT up\n60 tap SPACE\n80 key W down\n"
                           "120 key W up\n130 tap SPACE 4\n200 pad 0 connect\n"
                           "210 pad 0 left 0.5 -1\n260 pad 0 left 0 0\n";

// "hash X after N ticks" of `hotloop run game ...`, which must end with `exit_code`.
static const char *run_hash(Place *place, int exit_code, const char *const *words)
{
    const char *all[PLACE_WORDS_MAX] = {HOTLOOP, "run", place->game, "--headless", "--fast"};
    for (size_t i = 0; words[i]; i++) {
        all[i + 5] = words[i];
    }
    const Output *said = place_run(place, all);
    if (said->exit_code != exit_code) {
        fail_msg("exit %d: %s%s", said->exit_code, said->err, said->out);
    }
    return place_text(place, "%s", said->out);
}
#define RUN_HASH(place, exit_code, ...)                                                            \
    run_hash((place), (exit_code), (const char *const[]){__VA_ARGS__, NULL})

static void record_walk(Place *place, const char *recording)
{
    place_game(place, "walker.c", "game/walker.c");
    place_write(place, "keys.txt", KEYS, IN_PLACE);
    (void)RUN_HASH(place, 0, "--ticks", "300", "--seed", "11", "--script", "keys.txt", "--record",
                   recording);
}

static void a_loop_plays_the_moment_again_and_again(Place *place)
{
    // Scenario: ctl loop, at least 20 ticks later loop, three rounds later loop.
    // Expect: record, play, off; between the last two the ticks stay in the moment, and the state
    // is right in each of them.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 10);
    const json_t *reply = SESSION_TELL(session, "loop");
    assert_string_equal(field_text(reply, "state"), "record");
    long long first = field_number(reply, "tick");
    assert_string_equal(field_text(session_wait(session, "loop"), "state"), "record");
    (void)session_wait_tick(session, first + 20);
    reply = SESSION_TELL(session, "loop");
    assert_string_equal(field_text(reply, "state"), "play");
    long long last = field_number(reply, "tick"), before = last;
    assert_string_equal(field_text(session_wait(session, "loop"), "state"), "play");
    for (int wraps = 0; wraps < 3;) {
        const char *text = session_wait_log(session, "count ");
        long long tick = place_number(text, "tick ");
        assert_true(tick > first && tick <= last);
        assert_int_equal(place_number(text, "count "), tick);
        wraps += tick < before;
        before = tick;
    }
    assert_string_equal(field_text(SESSION_TELL(session, "loop"), "state"), "off");
    (void)session_wait_tick(session, last + 10);
    session_quit(session);
}

static void an_edit_in_a_loop_shows_in_the_same_moment(Place *place)
{
    // Scenario: a loop of about 30 ticks plays; the step becomes 10 while it does.
    // Expect: from the next round on the same ticks count in the new steps, from the same start.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 10);
    long long first = field_number(SESSION_TELL(session, "loop"), "tick");
    (void)session_wait_tick(session, first + 30);
    (void)SESSION_TELL(session, "loop");
    place_edit(place, "game/counter.c", "#define STEP 1\n", "#define STEP 10\n", RENAMED);
    (void)session_wait_log(session, "new code: step 10 ");
    long long before = 0, wraps = 0;
    while (wraps < 2) {
        const char *text = session_wait_log(session, "count ");
        long long tick = place_number(text, "tick ");
        wraps += tick < before;
        before = tick;
        if (wraps > 0) {
            assert_int_equal(place_number(text, "count "), first + (tick - first) * 10);
        }
    }
    session_quit(session);
}

static void a_broken_edit_in_a_loop_leaves_it_playing(Place *place)
{
    // Scenario: a syntax error and then a failed assert are saved while a loop plays; then a fix.
    // Expect: the loop plays through the error; the assert stops it; the fix goes on in it.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 10);
    long long first = field_number(SESSION_TELL(session, "loop"), "tick");
    (void)session_wait_tick(session, first + 20);
    long long last = field_number(SESSION_TELL(session, "loop"), "tick");
    place_edit(place, "game/counter.c", "/* more rules */", "oops;", RENAMED);
    (void)session_wait(session, "build_failed");
    (void)session_wait_log(session, "count ");
    (void)session_wait_log(session, "count ");
    place_edit(place, "game/counter.c", "oops;", "HL_ASSERT(t, g->count == 0);", RENAMED);
    (void)session_wait(session, "fault");
    place_edit(place, "game/counter.c", "HL_ASSERT(t, g->count == 0);", "/* fine */", RENAMED);
    (void)session_wait(session, "reload");
    for (long long before = 0, wraps = 0; wraps < 2;) {
        long long tick = place_number(session_wait_log(session, "count "), "tick ");
        assert_true(tick > first && tick <= last);
        wraps += tick < before;
        before = tick;
    }
    assert_string_equal(field_text(SESSION_TELL(session, "status"), "loop"), "play");
    session_quit(session);
}

static void a_loop_by_script_is_exact(Place *place)
{
    // Scenario: `do loop` before ticks 50, 80 and 140 of 200: 30 ticks of moment, two rounds.
    // Expect: 200 ticks run; the state's own clock shows 60 less.
    place_game(place, "counter.c", "game/counter.c");
    place_write(place, "keys.txt", "50 do loop\n80 do loop\n140 do loop\n", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--headless", "--fast", "--ticks", "200",
                                     "--script", place_path(place, "keys.txt"));
    const json_t *quit = session_wait(session, "quit");
    assert_int_equal(field_number(quit, "ticks"), 200);
    assert_int_equal(field_number(quit, "tick"), 140);
    assert_int_equal(session_wait_end(session), 0);
    assert_int_equal(session_count(session, "loop"), 3);
    (void)RUN_HASH(place, 0, "--ticks", "140", "--seed", "1");
}

static void a_recording_plays_with_the_same_hash(Place *place)
{
    // Scenario: 300 ticks with keys and a pad are recorded; played twice, and at -O0 and -O2.
    // Expect: the recording run's hash each time, exit 0.
    place_game(place, "walker.c", "game/walker.c");
    place_write(place, "keys.txt", KEYS, IN_PLACE);
    const char *recorded = RUN_HASH(place, 0, "--ticks", "300", "--seed", "11", "--script",
                                    "keys.txt", "--record", "walk.hlr");
    assert_string_equal(RUN_HASH(place, 0, "--replay", "walk.hlr"), recorded);
    assert_string_equal(RUN_HASH(place, 0, "--replay", "walk.hlr"), recorded);
    assert_string_equal(RUN_HASH(place, 0, "--replay", "walk.hlr", "--cflags", "-O0"), recorded);
    assert_string_equal(RUN_HASH(place, 0, "--replay", "walk.hlr", "--cflags", "-O2"), recorded);
    // Another seed on the command line has no say.
    assert_string_equal(RUN_HASH(place, 0, "--replay", "walk.hlr", "--seed", "99"), recorded);
}

static void other_rules_diverge(Place *place)
{
    // Scenario: the recording is played by a game with another speed.
    // Expect: exit 3; both that it diverged and that it is another build are said.
    record_walk(place, "walk.hlr");
    place_edit(place, "game/walker.c", "* 0.25f", "* 0.26f", IN_PLACE);
    (void)RUN_HASH(place, 3, "--replay", "walk.hlr");
    assert_non_null(strstr(place->output->err, "diverged"));
    assert_non_null(strstr(place->output->err, "another build"));
}

static void a_recording_knows_loops_and_restarts(Place *place)
{
    // Scenario: a loop of two rounds, a restart and a pause by script are recorded.
    // Expect: the replay ends in the same state.
    place_game(place, "walker.c", "game/walker.c");
    place_write(place, "keys.txt",
                "5 key RIGHT down\n30 do loop\n45 tap SPACE\n60 do loop\n120 do loop\n"
                "130 key RIGHT up\n150 do restart\n170 tap SPACE\n200 do loop\n220 do loop\n",
                IN_PLACE);
    const char *recorded = RUN_HASH(place, 0, "--ticks", "250", "--seed", "5", "--script",
                                    "keys.txt", "--record", "walk.hlr");
    assert_string_equal(RUN_HASH(place, 0, "--replay", "walk.hlr"), recorded);
}

static void a_recording_of_a_live_session_plays(Place *place)
{
    // Scenario: a session in real time is recorded; it is paused, stepped and ended by ctl quit.
    // Expect: the replay gives the hash of its last event.
    place_game(place, "walker.c", "game/walker.c");
    Session *session =
        SESSION_START(place, place->game, "--headless", "--record", place_path(place, "live.hlr"));
    (void)session_wait(session, "reload");
    for (long long tick = 0; tick < 40;) {
        tick = field_number(SESSION_TELL(session, "status"), "tick");
    }
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "step", "5");
    (void)SESSION_TELL(session, "resume");
    (void)SESSION_TELL(session, "quit");
    const json_t *quit = session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
    const char *played = RUN_HASH(place, 0, "--replay", "live.hlr");
    assert_non_null(strstr(played, field_text(quit, "hash")));
    assert_int_equal(place_number(played, "after "), field_number(quit, "ticks"));
}

static void a_replay_needs_no_assets_and_no_saves(Place *place)
{
    // Scenario: a session reads a text and a save and saves; then the text is gone and the save is
    // another.
    // Expect: the replay sees what the session saw.
    place_game(place, "reader.c", "game/reader.c");
    place_write(place, "game/assets/word.txt", "apple\n", IN_PLACE);
    place_write(place, "keys.txt", "10 tap S\n", IN_PLACE);
    (void)RUN_HASH(place, 0, "--ticks", "30", "--script", "keys.txt"); // makes a first save
    const char *recorded = RUN_HASH(place, 0, "--ticks", "60", "--seed", "2", "--script",
                                    "keys.txt", "--record", "read.hlr");
    place_remove(place, "game/assets");
    const char *played = RUN_HASH(place, 0, "--replay", "read.hlr");
    assert_string_equal(played, recorded);
    assert_non_null(strstr(place->output->err, "loaded \"apple\" after 1 saves"));
    assert_non_null(strstr(place->output->err, "word is \"apple\""));
}

static void killed_it_leaves_a_replay_that_plays(Place *place)
{
    // Scenario: kill -9 in the middle of a recording.
    // Expect: the replay plays up to about there and ends without an error of its own; the next
    // session removes what the dead one left behind.
    place_game(place, "walker.c", "game/walker.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--record",
                                     place_path(place, "killed.hlr"));
    (void)session_wait(session, "reload");
    long long tick = 0;
    while (tick < 180) {
        tick = field_number(SESSION_TELL(session, "status"), "tick");
    }
    session_kill(session);
    assert_int_equal(session_wait_end(session), 128 + SIGKILL);
    assert_true(place_count_files(place, "run") > 0);
    const char *played = RUN_HASH(place, 0, "--replay", "killed.hlr");
    long long ticks = place_number(played, "after ");
    assert_true(ticks >= tick - 120 && ticks <= tick + 60); // what was not on disk yet is lost
    assert_int_equal(place_count_files(place, "run"), 0);
}

static void broken_replays_are_named_and_never_crash(Place *place)
{
    // Scenario: empty, another magic, text, cut at many places, one byte changed at many places, a
    // folder, not there.
    // Expect: each is played up to its last good tick or refused by name; nothing crashes or hangs.
    record_walk(place, "walk.hlr");
    size_t size_bytes;
    char *good = place_read(place, "walk.hlr", &size_bytes);
    place_write(place, "text.hlr", "this is a text, not a recording of a game at all\n", IN_PLACE);
    place_write(place, "empty.hlr", "", IN_PLACE);
    static const char *const REFUSED[] = {"text.hlr", "empty.hlr", "game", "none.hlr"};
    for (size_t i = 0; i < 4; i++) {
        (void)RUN_HASH(place, 1, "--replay", REFUSED[i]);
        assert_non_null(strstr(place->output->err, REFUSED[i]));
    }
    for (size_t i = 1; i <= 12; i++) {
        place_write_bytes(place, "cut.hlr", good, size_bytes * i / 13, IN_PLACE);
        const Output *said =
            PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "cut.hlr");
        assert_true(said->exit_code == 0 || said->exit_code == 1);
        assert_non_null(strstr(said->err, "cut.hlr"));
    }
    for (size_t i = 0; i < 16; i++) {
        size_t at = i < 4 ? i * 9 : size_bytes * i / 16;
        good[at] ^= 0x10;
        place_write_bytes(place, "bit.hlr", good, size_bytes, IN_PLACE);
        good[at] ^= 0x10;
        const Output *said =
            PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "bit.hlr");
        assert_true(said->exit_code == 0 || said->exit_code == 1);
        assert_non_null(strstr(said->err, "bit.hlr"));
    }
    free(good);
}

static void a_recording_that_cannot_be_written_lets_the_game_play(Place *place)
{
    // Scenario: --record into a folder that is not there.
    // Expect: said by name; the game plays to its end.
    place_game(place, "walker.c", "game/walker.c");
    (void)RUN_HASH(place, 0, "--ticks", "20", "--record", "nowhere/walk.hlr");
    assert_non_null(strstr(place->output->err, "nowhere/walk.hlr"));
}

static void a_reload_during_a_recording(Place *place)
{
    // Scenario: the code changes in the middle of a recording.
    // Expect: the file is whole; playing it with the last code says that it diverged or comes out
    // the same, and nothing else.
    place_game(place, "counter.c", "game/counter.c");
    Session *session =
        SESSION_START(place, place->game, "--headless", "--record", place_path(place, "edit.hlr"));
    (void)session_wait(session, "reload");
    (void)session_wait_tick(session, 10);
    place_edit(place, "game/counter.c", "#define STEP 1\n", "#define STEP 10\n", RENAMED);
    (void)session_wait_log(session, "new code: step 10");
    (void)session_wait_log(session, "count ");
    session_quit(session);
    (void)RUN_HASH(place, 3, "--replay", "edit.hlr");
    assert_non_null(strstr(place->output->err, "diverged"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest loop_replay[] = {
        CASE(a_loop_plays_the_moment_again_and_again),
        CASE(an_edit_in_a_loop_shows_in_the_same_moment),
        CASE(a_broken_edit_in_a_loop_leaves_it_playing),
        CASE(a_loop_by_script_is_exact),
        CASE(a_recording_plays_with_the_same_hash),
        CASE(other_rules_diverge),
        CASE(a_recording_knows_loops_and_restarts),
        CASE(a_recording_of_a_live_session_plays),
        CASE(a_replay_needs_no_assets_and_no_saves),
        CASE(killed_it_leaves_a_replay_that_plays),
        CASE(broken_replays_are_named_and_never_crash),
        CASE(a_recording_that_cannot_be_written_lets_the_game_play),
        CASE(a_reload_during_a_recording),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(loop_replay, NULL, NULL);
}
