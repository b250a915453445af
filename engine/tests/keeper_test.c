// Two processes: the one that plays, and its keeper, which brings it back when it dies. What comes
// back is the same game at the same tick with its past; and nothing is left when all is over.
#include "session.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char SOURCE[] = "game/walker.c";

typedef struct Known {
    long long tick, moment, first, last;
    char hash[20];
} Known;

static Session *start_walker(Place *place)
{
    place_game(place, "walker.c", SOURCE);
    return session_start_game(place);
}

static long long moment_of(Session *session)
{
    return field_number(SESSION_TELL(session, "status"), "moment");
}

static void play_to(Session *session, long long moment)
{
    for (int i = 0; moment_of(session) < moment && i < PLACE_CAP_MS / 5; i++) {
        place_nap_ms(5);
    }
    assert_true(moment_of(session) >= moment);
}

static Known look(Session *session)
{
    Known known = {0};
    const json_t *status = SESSION_TELL(session, "status");
    known.tick = field_number(status, "tick");
    known.moment = field_number(status, "moment");
    (void)snprintf(known.hash, sizeof(known.hash), "%s",
                   field_text(SESSION_TELL(session, "hash"), "hash"));
    const json_t *history = SESSION_TELL(session, "history");
    known.first = field_number(history, "first");
    known.last = field_number(history, "last");
    return known;
}

static Known look_at(Session *session, long long moment)
{
    (void)SESSION_TELL(session, "seek", place_text(session->place, "%lld", moment));
    return look(session);
}

static void same(const Known *a, const Known *b)
{
    assert_int_equal(a->tick, b->tick);
    assert_int_equal(a->moment, b->moment);
    assert_string_equal(a->hash, b->hash);
}

static bool is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static void is_gone(pid_t pid)
{
    for (int i = 0; kill(pid, 0) == 0 && i < PLACE_CAP_MS / 5; i++) {
        place_nap_ms(5); // whoever is to collect it may need a while
    }
    assert_int_equal(kill(pid, 0), -1);
    assert_int_equal(errno, ESRCH);
}

static void nothing_is_left(Session *session)
{
    is_gone(session->game_pid);
    assert_int_equal(place_count_files(session->place, "run"), 0);
}

// ------------------------------------------------------------------------------------- coming back

static void killed_while_it_stands_it_is_where_it_was(Place *place)
{
    // Scenario: paused in the middle of a walk; kill -9 of the process that plays.
    // Expect: paused at the same tick with the same hash, every moment before it as it was; and the
    // walk goes on exactly as it would have.
    Session *session = start_walker(place);
    play_to(session, 150);
    (void)SESSION_TELL(session, "pause");
    Known now = look(session), before = look_at(session, now.moment - 100);
    (void)look_at(session, now.moment);
    (void)SESSION_TELL(session, "step", "50");
    Known later = look(session);
    (void)look_at(session, now.moment);
    pid_t first = session->game_pid;
    session_kill_game(session, SIGKILL);
    const json_t *resumed = session_wait(session, "resumed");
    assert_true(is_true(resumed, "history") && is_true(resumed, "paused"));
    assert_int_equal(field_number(resumed, "signal"), SIGKILL);
    assert_int_equal(field_number(resumed, "lost"), 0);
    assert_int_not_equal(session->game_pid, first);
    assert_string_equal(field_text(resumed, "socket"), session->socket);
    Known back = look(session);
    same(&back, &now);
    assert_int_equal(back.first, now.first);
    assert_int_equal(back.last, later.last);
    Known past = look_at(session, now.moment - 100);
    same(&past, &before);
    (void)look_at(session, now.moment);
    (void)SESSION_TELL(session, "step", "50"); // along what is recorded
    Known ahead = look(session);
    same(&ahead, &later);
    session_quit(session);
    nothing_is_left(session);
}

static void killed_while_it_plays_it_plays_on(Place *place)
{
    // Scenario: kill -9 during play.
    // Expect: it plays on by itself, from at most a second before; moments of the life before are
    // there; a line says what happened.
    Session *session = start_walker(place);
    play_to(session, 120);
    (void)SESSION_TELL(session, "pause");
    Known known = look(session);
    (void)SESSION_TELL(session, "resume");
    play_to(session, 240);
    session_kill_game(session, SIGKILL);
    const json_t *resumed = session_wait(session, "resumed");
    assert_true(is_true(resumed, "history"));
    assert_false(is_true(resumed, "paused"));
    long long at = field_number(resumed, "moment");
    assert_true(field_number(resumed, "lost") <= 60);
    assert_true(at >= 240 - 60);
    session_wait_words(session, "SIGKILL");
    session_wait_words(session, "moments of history");
    play_to(session, at + 60);
    (void)SESSION_TELL(session, "pause");
    Known again = look_at(session, known.moment);
    same(&again, &known);
    assert_int_equal(again.first, known.first);
    session_quit(session);
    nothing_is_left(session);
}

static void killed_twice_it_stands_and_says_so(Place *place)
{
    // Scenario: killed, and killed again as soon as it is back.
    // Expect: the second time it comes back standing, with all of its past.
    Session *session = start_walker(place);
    play_to(session, 120);
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    session_kill_game(session, SIGKILL);
    const json_t *resumed = session_wait(session, "resumed");
    assert_true(is_true(resumed, "paused") && is_true(resumed, "history"));
    assert_non_null(strstr(field_text(resumed, "text"), "second time"));
    assert_true(field_number(resumed, "moment") >= 60);
    Known known = look(session);
    assert_true(known.first <= 1);
    session_quit(session);
    nothing_is_left(session);
}

static void killed_again_and_again_it_is_given_up(Place *place)
{
    // Scenario: every process that comes is killed before it has done anything.
    // Expect: after the third of those it is over: exit code 70, and words on what is kept.
    Session *session = start_walker(place);
    play_to(session, 90);
    (void)SESSION_TELL(session, "pause");
    for (int i = 0; i < 3; i++) {
        session_kill_game(session, SIGKILL);
        (void)session_wait(session, "resumed");
    }
    session_kill_game(session, SIGKILL);
    assert_int_equal(session_wait_end(session), 70);
    assert_non_null(strstr(session_errors(session), "it is not started again"));
    assert_non_null(strstr(session_errors(session), "kept"));
    is_gone(session->game_pid);
}

static void any_other_death_comes_back_standing(Place *place)
{
    // Scenario: the process dies of SIGSYS, which nobody contains.
    // Expect: back at its tick, standing, and the signal is named.
    Session *session = start_walker(place);
    play_to(session, 90);
    session_kill_game(session, SIGSYS);
    const json_t *resumed = session_wait(session, "resumed");
    assert_true(is_true(resumed, "paused") && is_true(resumed, "history"));
    assert_non_null(strstr(field_text(resumed, "text"), "SIGSYS"));
    session_quit(session);
}

static void saves_and_builds_go_on_afterwards(Place *place)
{
    // Scenario: three builds were swapped in, globals counted; killed; then another save.
    // Expect: the code that played plays, its globals hold what they held; the save is build 4.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = session_start_game(place);
    for (int step = 10; step <= 100; step *= 10) {
        place_edit(place, "game/counter.c", place_text(place, "#define STEP %d\n", step / 10),
                   place_text(place, "#define STEP %d\n", step), RENAMED);
        (void)session_wait(session, "reload");
    }
    (void)SESSION_TELL(session, "pause");
    Known now = look(session);
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    Known back = look(session);
    same(&back, &now);
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "generation"), 3);
    (void)SESSION_TELL(session, "resume");
    place_edit(place, "game/counter.c", "#define STEP 100\n", "#define STEP 1000\n", RENAMED);
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 4);
    session_quit(session);
    nothing_is_left(session);
}

static void what_was_saved_while_it_was_dead_is_built(Place *place)
{
    // Scenario: the source is broken and saved before the process is killed; then repaired.
    // Expect: the code that played goes on, the error is reported anew; the repair is taken.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 60);
    place_edit(place, "game/counter.c", "#define STEP 1\n", "#define STEP oops(\n", RENAMED);
    (void)session_wait(session, "build_failed");
    session_kill_game(session, SIGKILL);
    assert_true(is_true(session_wait(session, "resumed"), "history"));
    (void)session_wait(session, "build_failed");
    place_edit(place, "game/counter.c", "#define STEP oops(\n", "#define STEP 5\n", RENAMED);
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 2);
    session_quit(session);
}

// Without an address of code in the state: a build is let go when another has the same structs.
static const char PLAIN[] = "#include <hotloop.h>\n"
                            "typedef struct Game {\n"
                            "    long count;\n"
                            "    int value;\n"
                            "} Game;\n"
                            "static void init(Game *g, hl_tick *t) { (void)g; (void)t; }\n"
                            "static void update(Game *g, hl_tick *t)\n"
                            "{\n"
                            "    (void)t;\n"
                            "    g->count += 1;\n"
                            "    g->value = (int)g->count * 3;\n"
                            "}\n"
                            "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
                            "HL_GAME(Game, init, update, draw);\n";

static const char *shown(Session *session)
{
    const json_t *fields =
        json_object_get(SESSION_TELL(session, "get", "count", "value"), "fields");
    return place_text(session->place, "%s %s", field_text(json_array_get(fields, 0), "text"),
                      field_text(json_array_get(fields, 1), "text"));
}

static void moments_of_a_build_that_was_let_go_come_back(Place *place)
{
    // Scenario: three builds with the same structs, until the second is not loaded any more;
    // killed; then an edit of the struct, and a moment of the second build is gone to. Expect: it
    // shows what it did before: it was in its own structs, not in the new ones.
    place_write(place, SOURCE, PLAIN, RENAMED);
    Session *session = session_start_game(place);
    play_to(session, 20);
    place_edit(place, SOURCE, "count += 1;", "count += 2;", RENAMED);
    (void)session_wait(session, "reload");
    play_to(session, moment_of(session) + 5);
    long long moment = moment_of(session);
    play_to(session, moment + 60);
    place_edit(place, SOURCE, "count += 2;", "count += 5;", RENAMED);
    (void)session_wait(session, "reload");
    for (int i = 0;
         i < PLACE_CAP_MS / 20 && field_number(SESSION_TELL(session, "status"), "images") != 2;
         i++) {
        place_nap_ms(20);
    }
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "images"), 2);
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "seek", place_text(place, "%lld", moment));
    const char *before = shown(session);
    session_kill_game(session, SIGKILL);
    assert_true(is_true(session_wait(session, "resumed"), "history"));
    place_edit(place, SOURCE, "    int value;", "    double more[3];\n    int value;", RENAMED);
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "seek", place_text(place, "%lld", moment + 1));
    (void)SESSION_TELL(session, "seek", place_text(place, "%lld", moment));
    assert_string_equal(shown(session), before);
    session_quit(session);
}

static void branches_come_back(Place *place)
{
    // Scenario: two futures were played from one moment; killed on the second.
    // Expect: both are there, with their hashes.
    Session *session = start_walker(place);
    play_to(session, 100);
    (void)SESSION_TELL(session, "pause");
    Known old = look(session);
    long long branches = field_number(SESSION_TELL(session, "history"), "branches");
    (void)look_at(session, 50);
    place_edit(place, SOURCE, "0.25f", "0.75f", RENAMED);
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "step", "20");
    Known fresh = look(session);
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    Known back = look(session);
    same(&back, &fresh);
    assert_int_equal(field_number(SESSION_TELL(session, "history"), "branches"), branches + 1);
    (void)SESSION_TELL(session, "seek", place_text(place, "%lld", old.moment), "0");
    Known other = look(session);
    same(&other, &old);
    session_quit(session);
}

static void a_loop_goes_on(Place *place)
{
    // Scenario: killed while it loops.
    // Expect: it loops on: the same moments again, wrapped at the same place.
    Session *session = start_walker(place);
    play_to(session, 100);
    (void)SESSION_TELL(session, "loop", "40", "70");
    (void)SESSION_TELL(session, "resume");
    play_to(session, 45);
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    assert_string_equal(field_text(SESSION_TELL(session, "status"), "loop"), "play");
    (void)SESSION_TELL(session, "resume");
    int wraps = 0;
    for (long long i = 0, last = 0, now; wraps < 2 && i < PLACE_CAP_MS; i++, last = now) {
        now = moment_of(session);
        assert_true(now >= 40 && now <= 70);
        wraps += now < last;
    }
    assert_int_equal(wraps, 2);
    session_quit(session);
}

static void without_history_it_begins_anew(Place *place)
{
    // Scenario: --history 0; killed.
    // Expect: a fresh game, and words that say why.
    place_game(place, "walker.c", SOURCE);
    Session *session = SESSION_START(place, place->game, "--headless", "--history", "0");
    (void)session_wait(session, "reload");
    play_to(session, 90);
    session_kill_game(session, SIGKILL);
    assert_false(is_true(session_wait(session, "resumed"), "history"));
    (void)session_wait(session, "reload");
    session_wait_words(session, "--history 0");
    assert_true(field_number(SESSION_TELL(session, "status"), "tick") < 90);
    session_quit(session);
}

static void a_recording_goes_on_in_another_file(Place *place)
{
    // Scenario: --record; killed; played on; quit.
    // Expect: the first file ends where it ends, the second begins there; both verify.
    place_game(place, "walker.c", SOURCE);
    Session *session = SESSION_START(place, place->game, "--headless", "--record",
                                     place_path(place, "take.replay"));
    (void)session_wait(session, "reload");
    play_to(session, 150);
    session_kill_game(session, SIGKILL);
    long long at = field_number(session_wait(session, "resumed"), "moment");
    session_wait_words(session, "take-2.replay");
    play_to(session, at + 60);
    session_quit(session);
    const Output *said = PLACE_HOTLOOP(place, "verify", "take.replay", "take-2.replay");
    assert_int_equal(said->exit_code, 0);
    said = PLACE_HOTLOOP(place, "info", "take-2.replay", "--json");
    assert_non_null(strstr(said->out, place_text(place, "%lld", at)));
}

static void a_library_of_somebodys_own_comes_back(Place *place)
{
    // Scenario: --so; killed; then a new library.
    // Expect: the same state in the old one; the new one is taken.
    place_library(place, "counter.so", "counter.c", "-O1");
    Session *session = session_start_library(place, "counter.so");
    (void)session_wait_tick(session, 60);
    (void)SESSION_TELL(session, "pause");
    Known now = look(session);
    session_kill_game(session, SIGKILL);
    assert_true(is_true(session_wait(session, "resumed"), "history"));
    Known back = look(session);
    same(&back, &now);
    (void)SESSION_TELL(session, "resume");
    place_library(place, "counter.so", "counter.c", "-O1 -fno-inline -DSTEP_UNUSED");
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 2);
    session_quit(session);
}

static void the_first_good_build_counts(Place *place)
{
    // Scenario: the first build fails; then it is repaired, plays, and is killed.
    // Expect: its history is kept like any other's.
    place_game(place, "walker.c", SOURCE);
    place_edit(place, SOURCE, "t->tick % 10", "t->tick oops % 10", RENAMED);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7");
    (void)session_wait(session, "build_failed");
    place_edit(place, SOURCE, "t->tick oops % 10", "t->tick % 10", RENAMED);
    (void)session_wait(session, "reload");
    play_to(session, 90);
    session_kill_game(session, SIGKILL);
    const json_t *resumed = session_wait(session, "resumed");
    assert_true(is_true(resumed, "history"));
    assert_true(field_number(resumed, "moment") > 30);
    session_quit(session);
}

// ------------------------------------------------------------------------------------- in place

static const char UPDATE[] = "static void update(Game *g, hl_tick *t)\n{\n";
static const char CRASHING[] =
    "#include <stdio.h>\nstatic const char *volatile wrong = (char *)8;\n"
    "static void update(Game *g, hl_tick *t)\n{\n"
    "    if (t->tick == 500) printf(\"%s\", wrong);\n";

static void begins_again_in_place(Place *place, const char *mode)
{
    place_game(place, "walker.c", SOURCE);
    place_edit(place, SOURCE, UPDATE, CRASHING, RENAMED);
    Session *session = SESSION_START(place, place->game, "--headless", "--seed", "7", mode);
    (void)session_wait(session, "reload");
    play_to(session, 100);
    (void)SESSION_TELL(session, "pause");
    Known known = look(session);
    (void)SESSION_TELL(session, "resume");
    const json_t *resumed = session_wait(session, "resumed");
    assert_true(is_true(resumed, "history"));
    assert_string_equal(field_text(resumed, "why"), "restart");
    assert_int_equal(field_number(resumed, "tick"), 499);
    assert_int_equal(field_number(resumed, "lost"), 0);
    const json_t *fault = session_wait(session, "fault");
    assert_non_null(strstr(field_text(fault, "report"), "walker.c"));
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "tick"), 499);
    assert_false(json_is_null(json_object_get(SESSION_TELL(session, "status"), "fault")));
    place_edit(place, SOURCE, "t->tick == 500", "t->tick == 0", RENAMED);
    (void)session_wait(session, "reload");
    play_to(session, 560);
    (void)SESSION_TELL(session, "pause");
    Known again = look_at(session, known.moment);
    same(&again, &known);
    session_quit(session);
    nothing_is_left(session);
}

static void a_lock_held_for_ever_begins_again(Place *place)
{
    // Scenario: the game crashes inside printf, which holds a lock of libc.
    // Expect: another process at the last good tick, with the report of the crash and all of the
    // past; the fixed build plays on from there.
    begins_again_in_place(place, "--no-sound");
}

static void one_process_begins_again_in_place(Place *place)
{
    // Scenario: the same without a keeper.
    // Expect: the same, and it is still the process that was started.
    begins_again_in_place(place, "--no-supervisor");
}

// ---------------------------------------------------------------------------------------- the end

static void a_signal_to_either_ends_both_in_order(Place *place)
{
    // Scenario: SIGTERM, SIGINT and SIGHUP to the keeper, to the session, to both.
    // Expect: exit code 0, the event "quit", and nothing left.
    static const int SIGNALS[] = {SIGTERM, SIGINT, SIGHUP};
    place_game(place, "walker.c", SOURCE);
    for (int i = 0; i < 9; i++) {
        Session *session = session_start_game(place);
        if (i % 3 != 1) {
            session_signal(session, SIGNALS[i / 3]);
        }
        if (i % 3 != 0) {
            (void)kill(session->game_pid, SIGNALS[i / 3]);
        }
        assert_int_equal(session_wait_end(session), 0);
        (void)session_wait(session, "quit");
        assert_int_equal(session_count(session, "resumed"), 0);
        nothing_is_left(session);
    }
}

static void without_its_keeper_it_ends_in_order(Place *place)
{
    // Scenario: kill -9 of the keeper.
    // Expect: the session writes its end and removes what was the keeper's to remove.
    Session *session = start_walker(place);
    play_to(session, 60);
    session_signal(session, SIGKILL);
    assert_int_equal(session_wait_end(session), 128 + SIGKILL);
    nothing_is_left(session);
    assert_int_equal(session_count(session, "quit"), 1);
}

static void what_hangs_is_ended(Place *place)
{
    // Scenario: an endless loop with --hang 0; SIGTERM to the keeper. The same, and kill -9 of the
    // keeper.
    // Expect: nothing is left either way.
    place_game(place, "walker.c", SOURCE);
    place_edit(place, SOURCE, UPDATE,
               "#include <stdio.h>\nstatic void update(Game *g, hl_tick *t)\n{\n"
               "    if (t->tick == 30) fputs(\"it hangs\", stderr);\n"
               "    for (volatile int i = 0; t->tick == 30; i++) {\n    }\n",
               RENAMED);
    static const int SIGNALS[] = {SIGTERM, SIGKILL};
    for (int i = 0; i < 2; i++) {
        Session *session = SESSION_START(place, place->game, "--headless", "--hang", "0");
        session_wait_words(session, "it hangs");
        session_signal(session, SIGNALS[i]);
        assert_int_equal(session_wait_end(session), 128 + SIGNALS[i]);
        is_gone(session->game_pid);
    }
}

static char state_of(pid_t pid)
{
    char path[64], state = '?';
    (void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "re");
    if (file) {
        (void)fscanf(file, "%*d (%*[^)]) %c", &state);
        (void)fclose(file);
    }
    return state;
}

static void wait_for_state(pid_t pid, bool stopped)
{
    for (int i = 0; (state_of(pid) == 'T') != stopped && i < PLACE_CAP_MS / 5; i++) {
        place_nap_ms(5);
    }
    assert_true((state_of(pid) == 'T') == stopped);
}

static void stopped_and_continued_nothing_is_lost(Place *place)
{
    // Scenario: both are stopped, as Ctrl-Z does; SIGCONT to the keeper. Then the session alone is
    // stopped, and SIGTERM goes to the keeper.
    // Expect: it plays on, the same process; and a stopped one ends in order, too.
    Session *session = start_walker(place);
    play_to(session, 60);
    pid_t game = session->game_pid;
    assert_int_equal(kill(game, SIGSTOP), 0);
    session_signal(session, SIGSTOP);
    wait_for_state(game, true);
    session_signal(session, SIGCONT);
    wait_for_state(game, false);
    play_to(session, moment_of(session) + 30);
    assert_int_equal(session_count(session, "resumed"), 0);
    assert_int_equal(kill(game, SIGSTOP), 0);
    wait_for_state(game, true);
    session_signal(session, SIGTERM);
    assert_int_equal(session_wait_end(session), 0);
    assert_int_equal(session->game_pid, game);
    nothing_is_left(session);
}

static void exit_codes_pass_through(Place *place)
{
    // Scenario: an events file that cannot be; a game that asks to quit.
    // Expect: 1 with its message; 0.
    place_game(place, "walker.c", SOURCE);
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--events", "no/such/one");
    assert_int_equal(said->exit_code, 1);
    assert_non_null(strstr(said->err, "no/such/one"));
    Session *session = session_start_game(place);
    session_quit(session);
    nothing_is_left(session);
}

static void no_supervisor_is_one_process(Place *place)
{
    // Scenario: --no-supervisor; kill -9.
    // Expect: one process, and the session ends with it.
    place_game(place, "walker.c", SOURCE);
    Session *session = SESSION_START(place, place->game, "--headless", "--no-supervisor");
    (void)session_wait(session, "reload");
    assert_int_equal(session->game_pid, session->pid);
    session_signal(session, SIGKILL);
    assert_int_equal(session_wait_end(session), 128 + SIGKILL);
    assert_int_equal(session_count(session, "resumed"), 0);
}

int main(int argc, char **argv)
{
    session_arguments(argc, argv);
    const struct CMUnitTest tests[] = {
        CASE(killed_while_it_stands_it_is_where_it_was),
        CASE(killed_while_it_plays_it_plays_on),
        CASE(killed_twice_it_stands_and_says_so),
        CASE(killed_again_and_again_it_is_given_up),
        CASE(any_other_death_comes_back_standing),
        CASE(saves_and_builds_go_on_afterwards),
        CASE(what_was_saved_while_it_was_dead_is_built),
        CASE(moments_of_a_build_that_was_let_go_come_back),
        CASE(branches_come_back),
        CASE(a_loop_goes_on),
        CASE(without_history_it_begins_anew),
        CASE(a_recording_goes_on_in_another_file),
        CASE(a_library_of_somebodys_own_comes_back),
        CASE(the_first_good_build_counts),
        CASE(a_lock_held_for_ever_begins_again),
        CASE(one_process_begins_again_in_place),
        CASE(a_signal_to_either_ends_both_in_order),
        CASE(without_its_keeper_it_ends_in_order),
        CASE(what_hangs_is_ended),
        CASE(stopped_and_continued_nothing_is_lost),
        CASE(exit_codes_pass_through),
        CASE(no_supervisor_is_one_process),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
