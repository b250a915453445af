// The command line: help, wrong words, and what each option of `run` does.
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void every_command_has_help(Place *place)
{
    // Scenario: --help of each command, `help COMMAND`, --help, --version, and no word at all.
    // Expect: the same help on standard output both ways, exit 0; no word: help as an error.
    static const char *const COMMANDS[] = {"run", "new", "ctl"};
    const Output *said;
    for (size_t i = 0; i < 3; i++) {
        said = PLACE_HOTLOOP(place, COMMANDS[i], "--help");
        assert_int_equal(said->exit_code, 0);
        assert_ptr_equal(strstr(said->out, "Usage: hotloop "), said->out);
        assert_non_null(strstr(said->out, COMMANDS[i]));
        assert_string_equal(said->err, "");
        const char *help = place_text(place, "%s", said->out);
        said = PLACE_HOTLOOP(place, "help", COMMANDS[i]);
        assert_int_equal(said->exit_code, 0);
        assert_string_equal(said->out, help);
    }
    said = PLACE_HOTLOOP(place, "--help");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "Every command has --help"));
    said = PLACE_HOTLOOP(place, "--version");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "hotloop "));
    said = PLACE_RUN(place, HOTLOOP);
    assert_int_equal(said->exit_code, 2);
    assert_non_null(strstr(said->err, "Usage: hotloop "));
    assert_string_equal(said->out, "");
}

static void help_lists_every_option_that_works(Place *place)
{
    // Scenario: the options that the contract of `run` names.
    // Expect: each is in its help.
    static const char *const NAMES[] = {
        "--so",         "--headless", "--ticks", "--fast",   "--seed",    "--software",
        "--script",     "--events",   "--arena", "--record", "--replay",  "--assets",
        "--screenshot", "--socket",   "--cc",    "--cflags", "--no-sound"};
    const Output *said = PLACE_HOTLOOP(place, "run", "--help");
    for (size_t i = 0; i < sizeof(NAMES) / sizeof(NAMES[0]); i++) {
        if (!strstr(said->out, NAMES[i])) {
            fail_msg("the help has no %s", NAMES[i]);
        }
    }
}

// Exit 2, nothing on standard output, and `expected` on standard error.
static void refuses(Place *place, const char *expected, const char *const *words)
{
    const Output *said = place_run(place, words);
    if (said->exit_code != 2 || !strstr(said->err, expected) || said->out[0]) {
        fail_msg("expected 2 and \"%s\": %d %s%s", expected, said->exit_code, said->err, said->out);
    }
}
#define REFUSES(place, expected, ...)                                                              \
    refuses((place), (expected), (const char *const[]){HOTLOOP, __VA_ARGS__, NULL})

static void wrong_words_name_the_nearest_right_one(Place *place)
{
    // Scenario: misspelt commands and options, and the folder without the word run.
    // Expect: exit 2 and what was meant.
    REFUSES(place, "did you mean run?", "rnu", "game");
    REFUSES(place, "did you mean new?", "enw", "game");
    REFUSES(place, "did you mean --ticks?", "run", "game", "--tikcs", "5");
    REFUSES(place, "did you mean --headless?", "run", "game", "--haedless");
    REFUSES(place, "did you mean --screenshot?", "run", "game", "--screnshot=x.png");
    REFUSES(place, "did you mean --record?", "run", "--recrod", "x", "game");
    REFUSES(place, "did you mean pause?", "ctl", "puase");
    REFUSES(place, "did you mean restart?", "ctl", "restrat");
    REFUSES(place, "--socket", "ctl", "--sokcet", "x", "status");
    REFUSES(place, "hotloop run game", "game");
    REFUSES(place, "hotloop --help", "xyzzy");
    REFUSES(place, "hotloop run --help", "run", "game", "--xyzzy");
    REFUSES(place, "which command", "ctl");
}

static void wrong_values_are_said(Place *place)
{
    // Scenario: values out of range, missing ones, options that exclude each other.
    // Expect: exit 2, the option and what was expected.
    REFUSES(place, "--ticks 0: expected a whole number", "run", "game", "--ticks", "0");
    REFUSES(place, "--ticks 5x", "run", "game", "--ticks=5x");
    REFUSES(place, "--seed -1", "run", "game", "--seed=-1");
    REFUSES(place, "--seed 4294967296", "run", "game", "--seed=4294967296");
    REFUSES(place, "--arena 12", "run", "game", "--arena", "12");
    REFUSES(place, "--arena 65G", "run", "game", "--arena", "65G");
    REFUSES(place, "--ticks", "run", "game", "--ticks");
    REFUSES(place, "--fast takes no value", "run", "game", "--fast=1");
    REFUSES(place, "which game?", "run");
    REFUSES(place, "one game", "run", "game", "other");
    REFUSES(place, "--so", "run", "game", "--so", "x.so");
    REFUSES(place, "--record and --replay", "run", "game", "--record", "a", "--replay", "b");
    REFUSES(place, "--script and --replay", "run", "game", "--script", "a", "--replay", "b");
    REFUSES(place, "hotloop new nowhere", "run", "nowhere");
    REFUSES(place, "one name", "new");
    REFUSES(place, "--help", "new", "--nmae");
}

static void new_makes_a_game_that_runs(Place *place)
{
    // Scenario: new, run of it for 120 ticks, new again with the same name, odd names.
    // Expect: it runs without a warning; what is there is left alone; bad names are refused.
    const Output *said = PLACE_HOTLOOP(place, "new", "first game");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "hotloop run"));
    said = PLACE_HOTLOOP(place, "run", "first game", "--headless", "--fast", "--ticks", "120",
                         "--events", "new-events");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "after 120 ticks"));
    char *events = place_read(place, "new-events", NULL);
    assert_null(strstr(events, "\"warnings\""));
    free(events);
    place_write(place, "first game/mine.c", "int mine;\n", IN_PLACE);
    REFUSES(place, "exists already", "new", "first game");
    assert_true(place_exists(place, "first game/mine.c"));
    REFUSES(place, "no name", "new", "a\"b");
    REFUSES(place, "no name", "new", ".hidden");
}

// The line "hash X after N ticks" of a good run.
static const char *hash_line(Place *place, const char *const *words)
{
    const Output *said = place_run(place, words);
    if (said->exit_code != 0) {
        fail_msg("exit %d: %s", said->exit_code, said->err);
    }
    unsigned long long hash, ticks;
    assert_int_equal(sscanf(said->out, "hash %16llx after %llu ticks", &hash, &ticks), 2);
    return place_text(place, "%s", said->out);
}
#define HASH_LINE(place, ...)                                                                      \
    hash_line((place), (const char *const[]){HOTLOOP, "run", (place)->game, "--headless",          \
                                             "--fast", __VA_ARGS__, NULL})

static void the_seed_decides_the_run(Place *place)
{
    // Scenario: 600 ticks with seed 3 twice, with seed 4, with 601 ticks; at -O0, -O2 and -O3.
    // Expect: the same hash for the same run at every level, another one for another run.
    place_game(place, "walker.c", "game/walker.c");
    const char *first = HASH_LINE(place, "--ticks", "600", "--seed", "3");
    assert_non_null(strstr(first, "after 600 ticks"));
    assert_string_equal(HASH_LINE(place, "--ticks", "600", "--seed", "3"), first);
    assert_string_not_equal(HASH_LINE(place, "--ticks", "600", "--seed", "4"), first);
    assert_string_not_equal(HASH_LINE(place, "--ticks", "601", "--seed", "3"), first);
    assert_string_equal(HASH_LINE(place, "--ticks", "600", "--seed", "3", "--cflags", "-O0"),
                        first);
    assert_string_equal(HASH_LINE(place, "--ticks", "600", "--seed", "3", "--cflags", "-O2"),
                        first);
    assert_string_equal(HASH_LINE(place, "--ticks", "600", "--seed", "3", "--cflags=-O3 -DX=1"),
                        first);
}

static void without_fast_a_tick_takes_its_time(Place *place)
{
    // Scenario: 30 ticks at 60 a second.
    // Expect: the same hash as with --fast; not less than 29 ticks' time between start and end.
    place_game(place, "walker.c", "game/walker.c");
    const char *fast = HASH_LINE(place, "--ticks", "30", "--seed", "3");
    Session *session =
        SESSION_START(place, place->game, "--headless", "--ticks", "30", "--seed", "3");
    long long from_ns = field_number(session_wait(session, "reload"), "mono_ns");
    const json_t *quit = session_wait(session, "quit");
    assert_true(field_number(quit, "mono_ns") - from_ns >= 28 * 16000000LL);
    assert_int_equal(field_number(quit, "ticks"), 30);
    assert_int_equal(session_wait_end(session), 0);
    assert_string_equal(session_prints(session), fast);
}

static void a_script_plays_the_game(Place *place)
{
    // Scenario: Space in tick 10 and tick 20; an action: quit before tick 31.
    // Expect: the game sees both presses in their ticks and ends after 30.
    place_game(place, "counter.c", "game/counter.c");
    place_write(place, "keys.txt", "10 tap SPACE\n20 tap SPACE\n31 do quit\n", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--headless", "--fast", "--script",
                                     place_path(place, "keys.txt"));
    (void)session_wait_log(session, "pressed 1 times by tick 10");
    (void)session_wait_log(session, "pressed 2 times by tick 20");
    (void)session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
}

static void a_wrong_script_is_named_by_its_line(Place *place)
{
    // Scenario: a misspelt key in line 2; a script that is not there.
    // Expect: no run; file, line and the near word.
    place_game(place, "counter.c", "game/counter.c");
    place_write(place, "keys.txt", "# fine\n10 tap SPCAE\n", IN_PLACE);
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--script", "keys.txt", "--ticks", "5");
    assert_true(said->exit_code == 1 || said->exit_code == 2);
    assert_non_null(strstr(said->err, "keys.txt:2"));
    assert_non_null(strstr(said->err, "SPACE"));
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--script", "no.txt", "--ticks", "5");
    assert_true(said->exit_code == 1 || said->exit_code == 2);
    assert_non_null(strstr(said->err, "no.txt"));
}

static uint32_t number_at(const char *bytes)
{
    const uint8_t *b = (const uint8_t *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static void a_screenshot_is_the_last_picture(Place *place)
{
    // Scenario: pictures after 10, 10 and 20 ticks; one into a folder that is not there.
    // Expect: a PNG of whole canvas pixels; the same picture for the same tick and another for
    // another; a failure is said and is the exit code.
    place_game(place, "counter.c", "game/counter.c");
    (void)HASH_LINE(place, "--ticks", "10", "--seed", "7", "--screenshot", "a.png");
    (void)HASH_LINE(place, "--ticks", "10", "--seed", "7", "--screenshot", "b.png");
    (void)HASH_LINE(place, "--ticks", "20", "--seed", "7", "--screenshot", "c.png");
    size_t a_bytes, b_bytes, c_bytes;
    char *a = place_read(place, "a.png", &a_bytes), *b = place_read(place, "b.png", &b_bytes);
    char *c = place_read(place, "c.png", &c_bytes);
    assert_true(a_bytes > 64 && memcmp(a, "\x89PNG\r\n\x1a\n", 8) == 0);
    assert_int_equal(number_at(a + 16) % 320, 0); // the width in IHDR
    assert_int_equal(number_at(a + 16) * 180, number_at(a + 20) * 320);
    assert_true(a_bytes == b_bytes && memcmp(a, b, a_bytes) == 0);
    assert_true(a_bytes != c_bytes || memcmp(a, c, a_bytes) != 0);
    free(a);
    free(b);
    free(c);
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       "10", "--screenshot", "nowhere/a.png");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "nowhere/a.png"));
}

static void the_arena_is_as_large_as_asked(Place *place)
{
    // Scenario: a game that takes 8 MiB in its tenth tick, with --arena 2M and 64M.
    // Expect: with 2M the tick ends with a message that names the type, exit 1; with 64M it runs.
    place_game(place, "counter.c", "game/counter.c");
    place_edit(place, "game/counter.c", "/* more rules */",
               "if (t->tick == 10) hl_new(t, double, 1 << 20)[5] = 1;", IN_PLACE);
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       "20", "--arena", "2M");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "double"));
    (void)HASH_LINE(place, "--ticks", "20", "--arena", "64M");
}

static void without_a_game_a_bounded_run_ends(Place *place)
{
    // Scenario: --ticks on a folder without sources, and on one that does not compile.
    // Expect: it ends with exit 1 and says why, instead of waiting for a save that nobody makes.
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--ticks", "5");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "no .c files"));
    place_write(place, "game/a.c", "not C\n", IN_PLACE);
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--ticks", "5");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "a.c:1:"));
}

static void the_events_file_tells_the_whole_run(Place *place)
{
    // Scenario: a run of 50 ticks with events, twice into the same file.
    // Expect: whole lines with event, tick and mono_ns (session.c looks at each); start comes
    // first, quit last with hash and exit code; the second run is appended.
    place_game(place, "counter.c", "game/counter.c");
    Session *session =
        SESSION_START(place, place->game, "--headless", "--fast", "--ticks", "50", "--seed", "7");
    const json_t *quit = session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
    assert_int_equal(field_number(quit, "exit_code"), 0);
    assert_non_null(strstr(session_prints(session), field_text(quit, "hash")));
    size_t count = json_array_size(session->seen);
    assert_string_equal(field_text(json_array_get(session->seen, 0), "event"), "start");
    assert_ptr_equal(json_array_get(session->seen, count - 1), quit);
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       "50", "--seed", "7", "--events", session->events);
    assert_int_equal(said->exit_code, 0);
    assert_int_equal(session_count(session, "start"), 2);
    assert_int_equal(session_count(session, "quit"), 2);
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--ticks", "5", "--events",
                         "nowhere/events");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "nowhere/events"));
}

static void ctl_finds_the_one_session(Place *place)
{
    // Scenario: ctl without --socket: with no session, with one, with two; an unknown word; a
    // socket of its own.
    // Expect: exit 2 and a hint; an answer; exit 2 and a list; the near word.
    place_game(place, "counter.c", "game/counter.c");
    REFUSES(place, "no session", "ctl", "status");
    Session *session = session_start_game(place);
    const Output *said = PLACE_HOTLOOP(place, "ctl", "status");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "\"ok\":true"));
    assert_non_null(strstr(said->out, "\"title\":\"Counter\""));
    (void)SESSION_ASK(session, "step", "none");
    assert_int_equal(session->reply_code, 1);
    (void)SESSION_ASK(session, "screenshot");
    assert_int_equal(session->reply_code, 1);
    const char *mine = place_path(place, "my.sock");
    Session *second = SESSION_START(place, place->game, "--headless");
    Session *third = SESSION_START(place, place->game, "--headless", "--socket", mine);
    assert_string_equal(third->socket, mine);
    REFUSES(place, "Counter", "ctl", "status");
    REFUSES(place, session->socket, "ctl", "status");
    session_quit(second);
    session_quit(third);
    assert_false(place_exists(place, mine));
    session_quit(session);
}

static void ctl_screenshot_lands_where_the_asker_is(Place *place)
{
    // Scenario: ctl screenshot with a relative name, and one that cannot be written.
    // Expect: a PNG in the asker's folder; a failure with the name.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = session_start_game(place);
    (void)SESSION_TELL(session, "screenshot", "shot.png");
    char *shot = place_read(place, "shot.png", NULL);
    assert_memory_equal(shot, "\x89PNG", 4);
    free(shot);
    const json_t *reply = SESSION_ASK(session, "screenshot", "nowhere/shot.png");
    assert_int_equal(session->reply_code, 1);
    assert_non_null(strstr(field_text(reply, "error"), "nowhere/shot.png"));
    session_quit(session);
}

static void another_compiler_by_cc_and_by_environment(Place *place)
{
    // Scenario: --cc and $CC name a script that calls the compiler and leaves a mark.
    // Expect: both are used; --cc comes before $CC.
    place_game(place, "counter.c", "game/counter.c");
    for (int i = 1; i <= 2; i++) {
        place_write(place, place_text(place, "cc%d", i),
                    place_text(place, "#!/bin/sh\ntouch %s/mark%d\nexec %s \"$@\"\n", place->folder,
                               i, COMPILER),
                    IN_PLACE);
        assert_int_equal(chmod(place_path(place, place_text(place, "cc%d", i)), 0755), 0);
    }
    place_set(place, "CC", place_path(place, "cc1"));
    (void)HASH_LINE(place, "--ticks", "5");
    assert_true(place_exists(place, "mark1"));
    place_remove(place, "mark1");
    (void)HASH_LINE(place, "--ticks", "5", "--cc", place_path(place, "cc2"));
    assert_true(place_exists(place, "mark2") && !place_exists(place, "mark1"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest command[] = {
        CASE(every_command_has_help),
        CASE(help_lists_every_option_that_works),
        CASE(wrong_words_name_the_nearest_right_one),
        CASE(wrong_values_are_said),
        CASE(new_makes_a_game_that_runs),
        CASE(the_seed_decides_the_run),
        CASE(without_fast_a_tick_takes_its_time),
        CASE(a_script_plays_the_game),
        CASE(a_wrong_script_is_named_by_its_line),
        CASE(a_screenshot_is_the_last_picture),
        CASE(the_arena_is_as_large_as_asked),
        CASE(without_a_game_a_bounded_run_ends),
        CASE(the_events_file_tells_the_whole_run),
        CASE(ctl_finds_the_one_session),
        CASE(ctl_screenshot_lands_where_the_asker_is),
        CASE(another_compiler_by_cc_and_by_environment),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(command, NULL, NULL);
}
