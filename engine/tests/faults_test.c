// What the world does to a session: no display, no sound, read-only folders, signals, a compiler
// that goes away, other sessions, full disks.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SOURCE[] = "game/counter.c";

static void edit_step(Place *place, int from, int to)
{
    place_edit(place, SOURCE, place_text(place, "#define STEP %d\n", from),
               place_text(place, "#define STEP %d\n", to), RENAMED);
}

static void wait_for_step(Session *session, int step)
{
    (void)session_wait_log(session, place_text(session->place, "new code: step %d ", step));
}

static void without_a_display_it_lives_in_the_terminal(Place *place)
{
    // Scenario: no --headless, but no display and no sound device either.
    // Expect: it says so, plays, reloads, makes screenshots, and quits.
    place_game(place, "counter.c", SOURCE);
    Session *session = SESSION_START(place, place->game, "--seed", "7");
    (void)session_wait(session, "reload");
    session_wait_words(session, "no display");
    (void)session_wait_tick(session, 5);
    edit_step(place, 1, 10);
    wait_for_step(session, 10);
    (void)SESSION_TELL(session, "screenshot", "shot.png");
    char *shot = place_read(place, "shot.png", NULL);
    assert_memory_equal(shot, "\x89PNG", 4);
    free(shot);
    session_quit(session);
}

static void a_display_that_is_not_there(Place *place)
{
    // Scenario: DISPLAY names a server that does not run.
    // Expect: as without one.
    place_game(place, "counter.c", SOURCE);
    place_set(place, "DISPLAY", ":9731");
    Session *session = SESSION_START(place, place->game);
    (void)session_wait(session, "reload");
    session_wait_words(session, "no display");
    (void)session_wait_tick(session, 5);
    session_quit(session);
}

static void without_a_sound_device_a_noisy_game_plays(Place *place)
{
    // Scenario: a game makes tones in each tick; there is no sound device; then --no-sound.
    // Expect: it plays silently to its end, each time.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "/* more rules */",
               "hl_tone(t, HL_SQUARE, 440, 0.1f, 0.5f); hl_play(t, \"none.wav\"); "
               "hl_music(t, \"none.ogg\", 1); int n; hl_audio(t, &n)[0] += 0.1f;",
               IN_PLACE);
    place_set(place, "SDL_AUDIODRIVER", "alsa");
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--ticks", "60");
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "after 60 ticks"));
    said = PLACE_HOTLOOP(place, "run", "game", "--ticks", "60", "--fast", "--no-sound");
    assert_int_equal(said->exit_code, 0);
}

static void a_missing_compiler_is_said_and_may_come_later(Place *place)
{
    // Scenario: --cc names a program that is not there; then it is put there.
    // Expect: a failed build that names it; with the next save it builds.
    place_game(place, "counter.c", SOURCE);
    const char *compiler = place_path(place, "bin/mycc");
    Session *session = SESSION_START(place, place->game, "--headless", "--cc", compiler);
    const json_t *failed = session_wait(session, "build_failed");
    const json_t *first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_non_null(strstr(field_text(first, "text"), "bin/mycc"));
    place_write(place, "bin/mycc.tmp", place_text(place, "#!/bin/sh\nexec %s \"$@\"\n", COMPILER),
                IN_PLACE);
    assert_int_equal(chmod(place_path(place, "bin/mycc.tmp"), 0755), 0);
    assert_int_equal(rename(place_path(place, "bin/mycc.tmp"), place_path(place, "bin/mycc")), 0);
    edit_step(place, 1, 2);
    wait_for_step(session, 2);
    place_remove(place, "bin");
    edit_step(place, 2, 3);
    (void)session_wait(session, "build_failed");
    (void)session_wait_tick(session, field_number(SESSION_TELL(session, "status"), "tick") + 10);
    session_quit(session);
}

static void no_compiler_on_the_path(Place *place)
{
    // Scenario: PATH leads to an empty folder.
    // Expect: a bounded run ends with exit 1 and names what is missing.
    place_game(place, "counter.c", SOURCE);
    place_set(place, "PATH", place_path(place, "home"));
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--ticks", "5");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "cc"));
}

static void a_compiler_that_dies_of_a_signal(Place *place)
{
    // Scenario: the compiler is a script that kills itself; then it is a good one.
    // Expect: said; the next save builds.
    place_game(place, "counter.c", SOURCE);
    place_write(place, "mycc",
                place_text(place, "#!/bin/sh\n[ -e %s/good ] || kill -9 $$\nexec %s \"$@\"\n",
                           place->folder, COMPILER),
                IN_PLACE);
    assert_int_equal(chmod(place_path(place, "mycc"), 0755), 0);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--cc", place_path(place, "mycc"));
    (void)session_wait(session, "build_failed");
    place_write(place, "good", "", IN_PLACE);
    edit_step(place, 1, 2);
    wait_for_step(session, 2);
    session_quit(session);
}

static void two_sessions_on_one_game(Place *place)
{
    // Scenario: two sessions run the same folder; it is edited, broken, and fixed.
    // Expect: both play, both are told, both take each version.
    place_game(place, "counter.c", SOURCE);
    Session *both[2] = {session_start_game(place), session_start_game(place)};
    edit_step(place, 1, 10);
    wait_for_step(both[0], 10);
    wait_for_step(both[1], 10);
    place_edit(place, SOURCE, "/* more rules */", "oops;", RENAMED);
    (void)session_wait(both[0], "build_failed");
    (void)session_wait(both[1], "build_failed");
    place_edit(place, SOURCE, "oops;", "hl_log(t, \"fixed\");", RENAMED);
    (void)session_wait_log(both[0], "fixed");
    (void)session_wait_log(both[1], "fixed");
    session_quit(both[0]);
    (void)session_wait_log(both[1], "fixed");
    session_quit(both[1]);
}

static void sigterm_ends_it_whole(Place *place)
{
    // Scenario: SIGTERM, SIGINT and SIGHUP in the middle of a recorded session, also while paused.
    // Expect: exit 0, the last event is quit, nothing is left of its private folder, and the
    // recording plays with that hash.
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP, SIGTERM};
    place_game(place, "walker.c", "game/walker.c");
    for (int i = 0; i < 4; i++) {
        Session *session = SESSION_START(place, place->game, "--headless", "--record",
                                         place_path(place, "run.hlr"));
        (void)session_wait(session, "reload");
        (void)SESSION_TELL(session, "step", "30");
        if (i < 3) {
            (void)SESSION_TELL(session, "resume");
        }
        session_signal(session, SIGNALS[i]);
        assert_int_equal(session_wait_end(session), 0);
        const json_t *quit = session_wait(session, "quit");
        assert_int_equal(place_count_files(place, "run"), 0);
        const char *hash = field_text(quit, "hash");
        const Output *said =
            PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "run.hlr");
        assert_int_equal(said->exit_code, 0);
        assert_non_null(strstr(said->out, hash));
        place_remove(place, "run.hlr");
    }
}

static void sigterm_during_the_first_build(Place *place)
{
    // Scenario: the compiler takes for ever (it sleeps); SIGTERM.
    // Expect: it ends, and the compiler with it; nothing is left behind.
    place_game(place, "counter.c", SOURCE);
    // The name appears with the number in it.
    place_write(place, "mycc",
                place_text(place,
                           "#!/bin/sh\ncase \"$*\" in *-fsyntax-only*|*-###*|*--version*) exec %s "
                           "\"$@\";; esac\ncd %s\necho $$ >pid.new\nmv pid.new pid\nexec sleep "
                           "1000\n",
                           COMPILER, place->folder),
                IN_PLACE);
    assert_int_equal(chmod(place_path(place, "mycc"), 0755), 0);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--cc", place_path(place, "mycc"));
    (void)session_wait(session, "build");
    for (int i = 0; !place_exists(place, "pid") && i < PLACE_CAP_MS / 5; i++) {
        place_nap_ms(5);
    }
    char *text = place_read(place, "pid", NULL);
    pid_t compiler = (pid_t)strtol(text, NULL, 10);
    free(text);
    assert_true(compiler > 1);
    session_signal(session, SIGTERM);
    assert_int_equal(session_wait_end(session), 0);
    assert_int_equal(kill(compiler, 0), -1);
    assert_int_equal(place_count_files(place, "run"), 0);
}

static void what_a_killed_session_left_is_cleaned_up(Place *place)
{
    // Scenario: kill -9 of one of two sessions; a third one starts and ends; the second ends.
    // Expect: the dead one's files are removed, the living one's stay and it plays on.
    place_game(place, "counter.c", SOURCE);
    Session *dead = session_start_game(place), *alive = session_start_game(place);
    int files_of_two = place_count_files(place, "run");
    session_kill(dead);
    assert_int_equal(session_wait_end(dead), 128 + SIGKILL);
    Session *third = session_start_game(place);
    assert_true(place_count_files(place, "run") <= files_of_two);
    session_quit(third);
    assert_int_equal(place_count_files(place, "run"), files_of_two / 2);
    edit_step(place, 1, 10);
    wait_for_step(alive, 10);
    session_quit(alive);
    assert_int_equal(place_count_files(place, "run"), 0);
}

// Nobody's own homes and a game that nobody may write: what a session that is not root's sees.
static void make_it_nobodys(Place *place)
{
    place_write(place, "game/assets/word.txt", "apple\n", IN_PLACE);
    assert_int_equal(PLACE_RUN(place, "chown", "-R", "65534:65534", place->folder)->exit_code, 0);
    assert_int_equal(PLACE_RUN(place, "chmod", "-R", "a-w", place->game)->exit_code, 0);
}

// A checkout in root's home is out of reach for everybody else.
static bool others_can_reach(const char *path)
{
    char part[4096];
    struct stat about;
    size_t length = strlen(path);
    assert_true(length < sizeof(part));
    memcpy(part, path, length + 1);
    for (char *slash = strrchr(part, '/'); slash && slash > part; slash = strrchr(part, '/')) {
        *slash = '\0';
        if (stat(part, &about) != 0 || (about.st_mode & S_IXOTH) == 0) {
            return false;
        }
    }
    return true;
}

static void a_game_in_a_read_only_folder_plays(Place *place)
{
    // Scenario: a user without rights to write runs a game of a folder that is read-only, records
    // into it (refused), saves.
    // Expect: builds, plays, and says what cannot be written; ends by SIGTERM with 0.
    if (geteuid() != 0 || !place_has_program("setpriv") || !others_can_reach(HOTLOOP)) {
        skip(); // root may write everywhere: only root can become somebody else
    }
    place_game(place, "reader.c", "game/reader.c");
    make_it_nobodys(place);
    const char *const words[] = {"setpriv",
                                 "--reuid=65534",
                                 "--regid=65534",
                                 "--clear-groups",
                                 HOTLOOP,
                                 "run",
                                 place->game,
                                 "--headless",
                                 "--record",
                                 place_path(place, "game/no.hlr"),
                                 NULL};
    Session *session = session_start_by(place, words);
    (void)session_wait(session, "reload");
    (void)session_wait_log(session, "word is \"apple\"");
    session_wait_words(session, "no.hlr");
    session_signal(session, SIGTERM);
    assert_int_equal(session_wait_end(session), 0);
    assert_false(place_exists(place, "game/no.hlr"));
    assert_int_equal(place_count_files(place, "game"), 2);
}

static void nobody_reads_what_it_prints(Place *place)
{
    // Scenario: its output is a pipe whose reader has gone.
    // Expect: SIGPIPE does not end it; it plays to its end.
    place_game(place, "counter.c", SOURCE);
    const Output *said = PLACE_RUN(
        place, "sh", "-c",
        place_text(place,
                   "{ '%s' run game --headless --fast --ticks 500 --seed 1 --events ev 2>&1; } | "
                   "true; tail -n1 ev",
                   HOTLOOP));
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "\"event\":\"quit\""));
    assert_non_null(strstr(said->out, "\"ticks\":500"));
}

static void a_flood_of_log_lines_is_bounded(Place *place)
{
    // Scenario: a game logs a thousand lines a tick, some with escape codes.
    // Expect: it plays on; what is dropped is counted; no escape code gets out.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "/* more rules */",
               "for (int i = 0; i < 1000; i++) hl_log(t, \"flood \\x1b[31m %d\", i);", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--headless", "--ticks", "60");
    (void)session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
    assert_non_null(strstr(session_errors(session), "dropped"));
    assert_null(strchr(session_errors(session), '\x1b'));
    assert_true(session_count(session, "log") < 60 * 100);
}

// A script that moves the mouse in every tick, so that a recording of it grows.
static void write_restless_mouse(Place *place, const char *name, int ticks)
{
    FILE *file = fopen(place_path(place, name), "we");
    assert_non_null(file);
    for (int i = 1; i <= ticks; i++) {
        (void)fprintf(file, "%d mouse %d %d\n", i, i * 7919 % 320, i * 104729 % 180);
    }
    assert_int_equal(fclose(file), 0);
}

static void a_full_disk_stops_the_recording_not_the_game(Place *place)
{
    // Scenario: files may not grow beyond 64 KiB (RLIMIT_FSIZE stands in for a full disk) while a
    // noisy session is recorded.
    // Expect: it says that recording has stopped, and plays to its end; what was recorded plays.
    place_game(place, "walker.c", "game/walker.c");
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       "10"); // builds without the limit
    assert_int_equal(said->exit_code, 0);
    write_restless_mouse(place, "keys.txt", 20000);
    said = PLACE_RUN(
        place, "sh", "-c",
        place_text(place,
                   "ulimit -f 64; trap '' XFSZ; exec '%s' run game --headless --fast --ticks 20000 "
                   "--script keys.txt --record big.hlr",
                   HOTLOOP));
    assert_int_equal(said->exit_code, 0);
    assert_non_null(strstr(said->out, "after 20000 ticks"));
    assert_non_null(strstr(said->err, "big.hlr"));
    assert_non_null(strstr(said->err, "recording stopped"));
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--replay", "big.hlr");
    assert_int_equal(said->exit_code, 0);
    assert_true(place_number(said->out, "after ") > 100);
}

static void ctl_requests_of_any_bytes_do_no_harm(Place *place)
{
    // Scenario: long, empty and odd words through ctl; a connection that says nothing.
    // Expect: answers or refusals; the session plays on.
    place_game(place, "counter.c", SOURCE);
    Session *session = session_start_game(place);
    char *longest = malloc(100001);
    assert_non_null(longest);
    memset(longest, 'x', 100000);
    longest[100000] = '\0';
    (void)SESSION_ASK(session, "screenshot", longest);
    assert_int_not_equal(session->reply_code, 0);
    free(longest);
    (void)SESSION_ASK(session, "step", "\xff\xfe");
    assert_int_not_equal(session->reply_code, 0);
    (void)SESSION_ASK(session, "step", "");
    assert_int_not_equal(session->reply_code, 0);
    (void)SESSION_ASK(session, "step", "99999999999999999999");
    assert_int_not_equal(session->reply_code, 0);
    (void)SESSION_TELL(session, "status");
    session_quit(session);
}

static void a_game_asks_for_pause_restart_and_quit(Place *place)
{
    // Scenario: hl_pause in tick 20, then (resumed) hl_restart in tick 30, hl_quit in tick 15 of
    // the second life.
    // Expect: it stands at 20 with the reason, begins again, and ends with exit 0.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "int32_t presses;", "int32_t presses;\n", IN_PLACE);
    place_edit(place, SOURCE, "/* more rules */",
               "hl_bytes again = hl_file(t, \"again\");\n"
               "if (t->tick == 20 && !again.data) hl_pause(t, \"look at %d\", (int)g->count);\n"
               "if (t->tick == 30 && !again.data) hl_restart(t);\n"
               "if (t->tick == 15 && again.data) hl_quit(t);\n",
               IN_PLACE);
    Session *session = session_start_game(place);
    session_wait_words(session, "look at 20");
    const json_t *status = SESSION_TELL(session, "status");
    assert_true(json_is_true(json_object_get(status, "paused")));
    assert_int_equal(field_number(status, "tick"), 20);
    (void)SESSION_TELL(session, "resume");
    (void)session_wait(session, "restart");
    (void)session_wait_log(session, "init with seed 7");
    place_write(place, "game/again", "yes\n", IN_PLACE);
    // Whatever the tick is by now: from its beginning, so that 15 is still to come.
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "restart");
    (void)SESSION_TELL(session, "resume");
    (void)session_wait(session, "quit");
    assert_int_equal(session_wait_end(session), 0);
}

static void a_sanitizer_report_ends_the_tick(Place *place)
{
    // Scenario: with a sanitized hotloop, a sanitized game that may go on after a report reads
    // behind a block of malloc's in its 50th tick; the next run of the same game stops a tick
    // before. Expect: that tick ended with the sanitizer's words, its line, and the state of
    // tick 49.
#ifndef __SANITIZE_ADDRESS__
    (void)place;
    skip();
#else
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "/* more rules */",
               "int *p = __builtin_malloc(40); if (t->tick == 50) g->count += p[10]; "
               "__builtin_free(p);",
               IN_PLACE);
    const char *flags = "-fsanitize=address -fsanitize-recover=address";
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--ticks", "49",
                                       "--seed", "7", "--cflags", flags);
    assert_int_equal(said->exit_code, 0);
    char hash[40];
    (void)snprintf(hash, sizeof(hash), "%.36s", strstr(said->out, "hash "));
    said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--ticks", "60", "--seed", "7",
                         "--cflags", flags);
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->out, hash));
    assert_non_null(strstr(said->err, "heap-buffer-overflow"));
    assert_non_null(strstr(said->err, "counter.c:"));
    assert_non_null(strstr(said->err, "Tick 50 was undone"));
#endif
}

int main(int argc, char **argv)
{
    const struct CMUnitTest faults[] = {
        CASE(without_a_display_it_lives_in_the_terminal),
        CASE(a_display_that_is_not_there),
        CASE(without_a_sound_device_a_noisy_game_plays),
        CASE(a_missing_compiler_is_said_and_may_come_later),
        CASE(no_compiler_on_the_path),
        CASE(a_compiler_that_dies_of_a_signal),
        CASE(two_sessions_on_one_game),
        CASE(sigterm_ends_it_whole),
        CASE(sigterm_during_the_first_build),
        CASE(what_a_killed_session_left_is_cleaned_up),
        CASE(a_game_in_a_read_only_folder_plays),
        CASE(nobody_reads_what_it_prints),
        CASE(a_flood_of_log_lines_is_bounded),
        CASE(a_full_disk_stops_the_recording_not_the_game),
        CASE(ctl_requests_of_any_bytes_do_no_harm),
        CASE(a_game_asks_for_pause_restart_and_quit),
        CASE(a_sanitizer_report_ends_the_tick),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(faults, NULL, NULL);
}
