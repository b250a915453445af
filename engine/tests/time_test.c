// Time, through the real executable: every moment of a session can be shown again exactly, played
// on from, saved to a file, verified with the present code and made a movie of.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char KEYS[] = "5 key RIGHT down\n40 key RIGHT up\n60 tap SPACE\n80 key W down\n"
                           "120 key W up\n130 tap SPACE 4\n";
static const char RULES[] = "/* more rules */";

// ---------------------------------------------------------------------------------- small helpers

static bool is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static const char *hash_of(Session *session)
{
    return place_text(session->place, "%s", field_text(SESSION_TELL(session, "hash"), "hash"));
}

static long long moment_of(Session *session)
{
    return field_number(SESSION_TELL(session, "status"), "moment");
}

static const char *text_of(Place *place, long long number)
{
    return place_text(place, "%lld", number);
}

static const json_t *seek(Session *session, long long moment)
{
    const json_t *reply = SESSION_TELL(session, "seek", text_of(session->place, moment));
    assert_int_equal(field_number(reply, "moment"), moment);
    assert_true(is_true(reply, "paused"));
    return reply;
}

// A game of engine/tests/games, paused behind its first tick.
static Session *start_paused(Place *place, const char *game)
{
    place_game(place, game, place_text(place, "game/%s", game));
    Session *session = session_start_game(place);
    (void)SESSION_TELL(session, "pause");
    return session;
}

enum { NOTED_MAX = 64, HASH_BYTES = 24 };

// Hashes of moments in a row, as they were when each was reached for the first time.
typedef struct Noted {
    long long first;
    int count;
    char hash[NOTED_MAX][HASH_BYTES];
} Noted;

static void note_by_stepping(Session *session, int count, Noted *noted)
{
    *noted = (Noted){.first = moment_of(session), .count = count};
    for (int i = 0; i < count; i++) {
        (void)snprintf(noted->hash[i], HASH_BYTES, "%s", hash_of(session));
        if (i + 1 < count) {
            assert_int_equal(field_number(SESSION_TELL(session, "step"), "moment"),
                             noted->first + i + 1);
        }
    }
}

static void is_as_noted(Session *session, const Noted *noted, long long moment)
{
    assert_true(moment >= noted->first && moment < noted->first + noted->count);
    assert_int_equal(moment_of(session), moment);
    assert_string_equal(hash_of(session), noted->hash[moment - noted->first]);
}

// `hotloop run game` to its end, recorded; "hash X after N ticks".
static const char *record(Place *place, const char *game, const char *ticks, const char *file)
{
    place_game(place, game, place_text(place, "game/%s", game));
    place_write(place, "keys.txt", KEYS, IN_PLACE);
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks", ticks, "--seed",
                      "11", "--script", "keys.txt", "--record", file);
    if (said->exit_code != 0) {
        fail_msg("exit %d: %s%s", said->exit_code, said->err, said->out);
    }
    return place_text(place, "%s", said->out);
}

// `hotloop verify FILE --game game`, which must end with `exit_code`; what it prints.
static const char *verify(Place *place, const char *file, int exit_code)
{
    const Output *said = PLACE_HOTLOOP(place, "verify", file, "--game", "game");
    if (said->exit_code != exit_code) {
        fail_msg("exit %d: %s%s", said->exit_code, said->out, said->err);
    }
    return place_text(place, "%s", said->out);
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, text);
    }
}

// -------------------------------------------------------------------------------------- the past

static void every_moment_is_what_it_was(Place *place)
{
    // Scenario: 40 moments are noted by stepping; then seek in many orders, back and step.
    // Expect: the noted hash at each; words like start, end, -2, +1 mean what they say; what lies
    // outside of history is its nearest end.
    static const int ORDER[] = {20, 5, 39, 0, 38, 1, 19, 21, 12, 12, 30, 7};
    static Noted noted;
    Session *session = start_paused(place, "walker.c");
    note_by_stepping(session, 40, &noted);
    for (size_t i = 0; i < sizeof(ORDER) / sizeof(ORDER[0]); i++) {
        const json_t *reply = seek(session, noted.first + ORDER[i]);
        assert_int_equal(is_true(reply, "past"), ORDER[i] != 39);
        is_as_noted(session, &noted, noted.first + ORDER[i]);
    }
    assert_int_equal(field_number(SESSION_TELL(session, "back", "3"), "moment"), noted.first + 4);
    is_as_noted(session, &noted, noted.first + 4);
    (void)SESSION_TELL(session, "step"); // what is recorded is shown, not played again
    is_as_noted(session, &noted, noted.first + 5);
    (void)SESSION_TELL(session, "seek", "+4");
    is_as_noted(session, &noted, noted.first + 9);
    (void)SESSION_TELL(session, "seek", "-2");
    is_as_noted(session, &noted, noted.first + 7);
    (void)SESSION_TELL(session, "seek", "end");
    is_as_noted(session, &noted, noted.first + 39);
    (void)SESSION_TELL(session, "seek", "99999999");
    is_as_noted(session, &noted, noted.first + 39);
    const json_t *reply = SESSION_TELL(session, "seek", "start");
    assert_int_equal(field_number(reply, "moment"), field_number(reply, "first"));
    assert_int_equal(session_count(session, "branch"), 0);
    session_quit(session);
}

static void wrong_moments_are_refused_and_nothing_moves(Place *place)
{
    // Scenario: seek to a word, to nothing, to a branch that is none; back 0; loop of one word.
    // Expect: each is refused with a sentence; the moment and the state stay.
    Session *session = start_paused(place, "walker.c");
    (void)SESSION_TELL(session, "step", "10");
    long long moment = moment_of(session);
    const char *hash = hash_of(session);
    (void)SESSION_ASK(session, "seek", "soon");
    contains(field_text(session->reply, "error"), "soon");
    (void)SESSION_ASK(session, "seek");
    contains(field_text(session->reply, "error"), "moment");
    (void)SESSION_ASK(session, "seek", "1", "77");
    contains(field_text(session->reply, "error"), "branch");
    (void)SESSION_ASK(session, "back", "0");
    contains(field_text(session->reply, "error"), "back 0");
    (void)SESSION_ASK(session, "loop", "here", "there");
    contains(field_text(session->reply, "error"), "two moments");
    (void)SESSION_ASK(session, "save");
    contains(field_text(session->reply, "error"), "FILE");
    assert_int_equal(moment_of(session), moment);
    assert_string_equal(hash_of(session), hash);
    session_quit(session);
}

static void played_on_from_the_past_the_old_future_is_kept(Place *place)
{
    // Scenario: 20 moments are noted; in the tenth it is played on, and paused again later.
    // Expect: an event branch from there; both branches are listed; each moment of the old one can
    // be shown and is what it was.
    static Noted noted;
    Session *session = start_paused(place, "walker.c");
    note_by_stepping(session, 20, &noted);
    long long fork = noted.first + 9, end = noted.first + 19;
    long long old = field_number(seek(session, fork), "branch");
    (void)SESSION_TELL(session, "resume");
    const json_t *event = session_wait(session, "branch");
    long long young = field_number(event, "branch");
    assert_int_equal(field_number(event, "from"), fork);
    assert_int_not_equal(young, old);
    (void)SESSION_TELL(session, "pause");
    const json_t *rows = json_object_get(SESSION_TELL(session, "branches"), "branches"), *row;
    size_t index;
    int here = 0, kept = 0;
    json_array_foreach(rows, index, row)
    {
        here += is_true(row, "here") && field_number(row, "branch") == young
                && field_number(row, "parent") == old && field_number(row, "from") == fork;
        kept += field_number(row, "branch") == old && field_number(row, "last") == end;
    }
    assert_int_equal(here, 1);
    assert_int_equal(kept, 1);
    for (long long moment = end; moment >= noted.first; moment -= 3) {
        (void)SESSION_TELL(session, "seek", text_of(place, moment), text_of(place, old));
        is_as_noted(session, &noted, moment);
    }
    session_quit(session);
}

static const char TRAILS[] =
    "#include \"hotloop.h\"\n"
    "typedef struct Game { float x, y, up; } Game;\n"
    "static void init(Game *g, hl_tick *t) { (void)t; g->up = 1; }\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n    g->x += 1;\n    g->y += g->up;\n    hl_trail(t, \"ball\", g->x, g->y);\n}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; hl_clear(c, HL_BLACK); }\n"
    "HL_GAME(Game, init, update, draw, .title = \"Trails\", .id = \"trails\");\n";

static const char *picture_of(Session *session)
{
    return place_text(session->place, "%s", field_text(SESSION_TELL(session, "frame"), "hash"));
}

static void trails_are_those_of_the_moment(Place *place)
{
    // Scenario: pictures of a trail at moments 60 and 100, by stepping; back to 60, there the way
    // is turned by an edit, and 39 ticks; then the old future's end again, and the new one's.
    // Expect: each moment's picture is the one it was, on both branches; and they differ.
    place_write(place, "game/trails.c", TRAILS, IN_PLACE);
    Session *session = session_start_game(place);
    (void)SESSION_TELL(session, "pause");
    long long first = moment_of(session);
    (void)SESSION_TELL(session, "step", "60");
    const char *early = picture_of(session);
    (void)SESSION_TELL(session, "step", "40");
    const char *late = picture_of(session);
    assert_string_not_equal(early, late);
    seek(session, first + 60);
    assert_string_equal(picture_of(session), early);
    seek(session, first + 100);
    assert_string_equal(picture_of(session), late);
    seek(session, first + 60);
    (void)SESSION_TELL(session, "set", "up", "-1");
    (void)SESSION_TELL(session, "step", "39");
    const char *other = picture_of(session);
    assert_string_not_equal(other, late);
    (void)SESSION_TELL(session, "seek", "end", "0");
    assert_string_equal(picture_of(session), late);
    (void)SESSION_TELL(session, "seek", "end", "1");
    assert_string_equal(picture_of(session), other);
    session_quit(session);
}

static void history_counts_what_is_kept(Place *place)
{
    // Scenario: 30 steps; ctl history.
    // Expect: its span is that of seek, its budget the one that was asked for.
    place_game(place, "walker.c", "game/walker.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--history", "64M");
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "step", "30");
    long long here = moment_of(session);
    const json_t *reply = SESSION_TELL(session, "history");
    assert_int_equal(field_number(reply, "last"), here);
    assert_true(field_number(reply, "moments") >= 30);
    assert_int_equal(field_number(reply, "budget_bytes"), 64 << 20);
    assert_true(field_number(reply, "used_bytes") > 0);
    assert_true(field_number(reply, "used_bytes") <= 64 << 20);
    session_quit(session);
}

static void without_history_there_is_no_past(Place *place)
{
    // Scenario: --history 0, then ctl back.
    // Expect: refused with a sentence; the game plays on.
    place_game(place, "counter.c", "game/counter.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--history", "0");
    (void)session_wait_tick(session, 5);
    (void)SESSION_ASK(session, "back");
    contains(field_text(session->reply, "error"), "history");
    (void)session_wait_tick(session, 20);
    session_quit(session);
}

static void a_loop_of_two_named_moments_plays_them(Place *place)
{
    // Scenario: loop FROM TO in the past of a paused session.
    // Expect: it plays, only these ticks, and counts right in each; `loop off` plays on.
    Session *session = start_paused(place, "counter.c");
    (void)SESSION_TELL(session, "step", "60");
    long long end = moment_of(session), first = end - 40, last = end - 10;
    const json_t *reply =
        SESSION_TELL(session, "loop", text_of(place, first), text_of(place, last));
    assert_string_equal(field_text(reply, "state"), "play");
    (void)session_wait_field(session, "loop", "state", "play");
    long long before = 0;
    for (int wraps = 0; wraps < 3;) {
        const char *text = session_wait_log(session, "count ");
        long long tick = place_number(text, "tick ");
        assert_true(tick > first && tick <= last);
        assert_int_equal(place_number(text, "count "), tick);
        wraps += tick < before;
        before = tick;
    }
    reply = SESSION_TELL(session, "loop", "off");
    assert_string_equal(field_text(reply, "state"), "off");
    (void)session_wait_tick(session, last + 5);
    session_quit(session);
}

static void new_code_in_the_past_plays_on_from_there(Place *place)
{
    // Scenario: paused and gone back ten moments, the step becomes 10; then one step; then back to
    // the old branch.
    // Expect: the state is untouched by the reload; the step runs the new code on a new branch; the
    // old future still counts in ones.
    Session *session = start_paused(place, "counter.c");
    (void)SESSION_TELL(session, "step", "30");
    long long end = moment_of(session);
    long long old = field_number(seek(session, end - 10), "branch");
    const char *hash = hash_of(session), *old_end = NULL;
    (void)SESSION_TELL(session, "seek", "end");
    old_end = hash_of(session);
    (void)seek(session, end - 10);
    place_edit(place, "game/counter.c", "#define STEP 1\n", "#define STEP 10\n", RENAMED);
    const json_t *reload = session_wait(session, "reload");
    assert_true(json_is_null(json_object_get(reload, "first_tick_ns")));
    assert_string_equal(hash_of(session), hash);
    (void)SESSION_TELL(session, "step");
    assert_int_equal(field_number(session_wait(session, "branch"), "from"), end - 10);
    const char *text = session_wait_log(session, "new code: step 10 ");
    assert_int_equal(place_number(text, "total "), place_number(text, "tick ") + 9);
    (void)SESSION_TELL(session, "seek", text_of(place, end), text_of(place, old));
    assert_string_equal(hash_of(session), old_end);
    session_quit(session);
}

static void variables_of_the_game_go_back_too(Place *place)
{
    // Scenario: a game that keeps everything in statics; seek back, and play on.
    // Expect: the hash of then; the next turn follows that of then.
    static Noted noted;
    Session *session = start_paused(place, "statics.c");
    note_by_stepping(session, 24, &noted);
    assert_string_not_equal(noted.hash[4], noted.hash[5]);
    for (int i = 23; i >= 0; i -= 4) {
        (void)seek(session, noted.first + i);
        is_as_noted(session, &noted, noted.first + i);
    }
    (void)seek(session, noted.first + 7);
    (void)SESSION_TELL(session, "resume");
    (void)session_wait(session, "branch");
    const char *next = place_text(place, "turn %lld ", noted.first + 8);
    int turns = 0;
    (void)SESSION_TELL(session, "pause");
    (void)session_count(session, "log");
    const json_t *event;
    size_t index;
    json_array_foreach(session->seen, index, event)
    {
        const char *text = json_string_value(json_object_get(event, "text"));
        turns += text && strstr(text, next);
    }
    assert_int_equal(turns, 2); // once in each future
    session_quit(session);
}

// ------------------------------------------------------------------------------- files and verify

static void a_saved_part_comes_out_the_same(Place *place)
{
    // Scenario: save FILE FROM TO of a session, then verify, twice and two at a time.
    // Expect: same, exit 0; the file holds these moments.
    Session *session = start_paused(place, "walker.c");
    (void)SESSION_TELL(session, "step", "120");
    long long end = moment_of(session);
    const json_t *reply = SESSION_TELL(session, "save", place_path(place, "part.replay"),
                                       text_of(place, end - 80), text_of(place, end - 20));
    assert_int_equal(field_number(reply, "first"), end - 80);
    assert_int_equal(field_number(reply, "last"), end - 20);
    (void)SESSION_TELL(session, "save", place_path(place, "all.replay"));
    (void)session_wait(session, "save");
    session_quit(session);
    contains(verify(place, "part.replay", 0), "same: 60 ticks");
    contains(verify(place, "all.replay", 0), "same");
    const Output *said =
        PLACE_HOTLOOP(place, "verify", "part.replay", "all.replay", "-j", "2", "--game", "game");
    assert_int_equal(said->exit_code, 0);
    contains(said->out, "part.replay: same");
    contains(said->out, "all.replay: same");
    contains(said->out, "2 of 2");
}

static void verify_names_the_tick_that_an_edit_changed(Place *place)
{
    // Scenario: a recording; then a rule is added that only matters in tick 57.
    // Expect: exit 3 and tick 57, with the field and both values; beside a file that cannot be read
    // the difference is still what the exit code says.
    (void)record(place, "counter.c", "100", "count.replay");
    contains(verify(place, "count.replay", 0), "same: 100 ticks");
    place_edit(place, "game/counter.c", RULES, "if (t->tick == 57) g->count++;", IN_PLACE);
    const char *said = verify(place, "count.replay", 3);
    contains(said, "diverged: at tick 57:");
    contains(said, "count was 57, is 58");
    contains(said, "another build");
    place_write(place, "text.replay", "no recording\n", IN_PLACE);
    const Output *both =
        PLACE_HOTLOOP(place, "verify", "text.replay", "count.replay", "--game", "game");
    assert_int_equal(both->exit_code, 3);
    contains(both->out, "0 of 2");
}

static void other_flags_are_not_comparable(Place *place)
{
    // Scenario: a recording is verified with --cflags that change nothing, and that change a rule.
    // Expect: same; not comparable, exit 1, both compilers are named.
    (void)record(place, "counter.c", "60", "count.replay");
    const Output *said =
        PLACE_HOTLOOP(place, "verify", "count.replay", "--game", "game", "--cflags", "-DNOTHING");
    assert_int_equal(said->exit_code, 0);
    contains(said->out, "same");
    said = PLACE_HOTLOOP(place, "verify", "count.replay", "--game", "game", "--cflags", "-DSTEP=3");
    assert_int_equal(said->exit_code, 1);
    contains(said->out, "not comparable");
    contains(said->out, "-DSTEP=3");
    contains(said->out, "tick 1");
}

static void a_killed_recording_is_cut_and_verifies(Place *place)
{
    // Scenario: kill -9 in the middle of --record.
    // Expect: info says that it is cut and how far it goes; verify says the same.
    place_game(place, "walker.c", "game/walker.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--record",
                                     place_path(place, "killed.replay"));
    (void)session_wait(session, "reload");
    while (moment_of(session) < 150) {
    }
    session_kill(session);
    assert_int_equal(session_wait_end(session), 128 + SIGKILL);
    const Output *said = PLACE_HOTLOOP(place, "info", "killed.replay");
    assert_int_equal(said->exit_code, 0);
    contains(said->out, "cut: it plays up to moment");
    assert_true(place_number(said->out, "up to moment ") > 0);
    contains(verify(place, "killed.replay", 0), "same");
    said = PLACE_HOTLOOP(place, "info", "killed.replay", "--json");
    json_t *info = json_loads(said->out, 0, NULL);
    assert_true(json_is_false(json_object_get(info, "finished")));
    assert_true(json_is_null(json_object_get(info, "hash")));
    json_decref(info);
}

static void info_is_json_for_programs(Place *place)
{
    // Scenario: info --json of a finished recording.
    // Expect: it parses, and has the ticks, the seed, the end's hash and the one build.
    const char *ended = record(place, "walker.c", "140", "walk.replay");
    const Output *said = PLACE_HOTLOOP(place, "info", "--json", "walk.replay");
    assert_int_equal(said->exit_code, 0);
    json_t *info = json_loads(said->out, 0, NULL);
    assert_non_null(info);
    assert_int_equal(field_number(info, "ticks"), 140);
    assert_int_equal(field_number(info, "seed"), 11);
    assert_string_equal(field_text(info, "game"), "game");
    assert_true(is_true(info, "finished"));
    contains(ended, field_text(info, "hash"));
    const json_t *builds = json_object_get(info, "builds");
    assert_int_equal(json_array_size(builds), 1);
    assert_int_equal(strlen(field_text(json_array_get(builds, 0), "content")), 16);
    json_decref(info);
}

static void a_part_of_a_replay_ends_where_it_is_told(Place *place)
{
    // Scenario: 300 ticks are recorded, and separately 150; the long one is played with --to 150,
    // and with --from 100 --to 150.
    // Expect: each ends by itself with the hash of the short one.
    const char *half = record(place, "walker.c", "150", "half.replay");
    (void)record(place, "walker.c", "300", "whole.replay");
    const Output *said = PLACE_HOTLOOP(place, "replay", "whole.replay", "game", "--headless",
                                       "--fast", "--to", "150");
    assert_int_equal(said->exit_code, 0);
    assert_string_equal(said->out, half);
    said = PLACE_HOTLOOP(place, "replay", "whole.replay", "--game", "game", "--headless", "--from",
                         "100", "--to", "150");
    assert_int_equal(said->exit_code, 0);
    assert_string_equal(said->out, half);
    said = PLACE_HOTLOOP(place, "replay", "whole.replay", "game", "--headless", "--from", "150",
                         "--to", "100");
    assert_int_equal(said->exit_code, 2);
    contains(said->err, "--from");
}

// ---------------------------------------------------------------------------------------- synctest

static void synctest_finds_what_is_not_state(Place *place)
{
    // Scenario: --synctest 2 on a game that asks the clock and rand().
    // Expect: exit 3; the event desync names the type of the allocation.
    place_game(place, "clock.c", "game/clock.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--fast", "--ticks", "20",
                                     "--synctest", "2");
    contains(field_text(session_wait(session, "desync"), "text"), "Stamp");
    assert_int_equal(session_wait_end(session), 3);
    contains(session_prints(session), "synctest: 20 ticks");
}

static void synctest_passes_a_game_that_keeps_the_rule(Place *place)
{
    // Scenario: --synctest 2 on the platformer, with keys, and on the game of statics.
    // Expect: exit 0, no tick differed.
    place_write(place, "keys.txt", KEYS, IN_PLACE);
    place_game(place, "statics.c", "game/statics.c");
    const char *const games[] = {API_DIR "/../../game/platformer", "game"};
    for (size_t i = 0; i < 2; i++) {
        const Output *said =
            PLACE_HOTLOOP(place, "run", games[i], "--headless", "--fast", "--ticks", "150",
                          "--script", "keys.txt", "--synctest", "2");
        assert_int_equal(said->exit_code, 0);
        contains(said->out, "150 ticks run 2 times more, 0 differed");
    }
}

// ------------------------------------------------------------------------------------------ export

static void export_writes_a_picture_a_tick(Place *place)
{
    // Scenario: export as numbered PNGs, all of 12 ticks and three of them.
    // Expect: so many PNGs, numbered from 1, of the size that was asked for.
    (void)record(place, "counter.c", "12", "count.replay");
    place_write(place, "frames/keep", "", IN_PLACE);
    place_write(place, "three/keep", "", IN_PLACE);
    const Output *said = PLACE_HOTLOOP(place, "export", "count.replay", "-o", "frames/%05d.png",
                                       "--game", "game", "--scale", "2");
    assert_int_equal(said->exit_code, 0);
    contains(said->out, "12 pictures of 640 x 360");
    assert_int_equal(place_count_files(place, "frames"), 12 + 1);
    char *picture = place_read(place, "frames/00012.png", NULL);
    assert_memory_equal(picture, "\x89PNG", 4);
    free(picture);
    said = PLACE_HOTLOOP(place, "export", "count.replay", "-o", "three/%d.png", "--game", "game",
                         "--from", "4", "--to", "7");
    assert_int_equal(said->exit_code, 0);
    assert_int_equal(place_count_files(place, "three"), 3 + 1);
    assert_true(place_exists(place, "three/3.png"));
}

static void export_makes_movies(Place *place)
{
    // Scenario: export as mp4 and as gif, where ffmpeg is installed.
    // Expect: both begin as such files do.
    if (!place_has_program("ffmpeg")) {
        skip();
    }
    (void)record(place, "counter.c", "30", "count.replay");
    const Output *said = PLACE_HOTLOOP(place, "export", "count.replay", "-o", "x.mp4", "--game",
                                       "game", "--scale", "1");
    assert_int_equal(said->exit_code, 0);
    said = PLACE_HOTLOOP(place, "export", "count.replay", "-o", "x.gif", "--game", "game",
                         "--scale", "1");
    assert_int_equal(said->exit_code, 0);
    char *mp4 = place_read(place, "x.mp4", NULL), *gif = place_read(place, "x.gif", NULL);
    assert_memory_equal(mp4 + 4, "ftyp", 4);
    assert_memory_equal(gif, "GIF8", 4);
    free(mp4);
    free(gif);
}

static void without_ffmpeg_export_says_how_to_get_it(Place *place)
{
    // Scenario: PATH has no ffmpeg; mp4, then PNGs.
    // Expect: exit 1, ffmpeg is named and how it is installed, no file is left; PNGs need none.
    place_library(place, "game.so", "counter.c", "");
    const Output *said = PLACE_HOTLOOP(place, "run", "--so", "game.so", "--headless", "--fast",
                                       "--ticks", "5", "--record", "count.replay");
    assert_int_equal(said->exit_code, 0);
    place_write(place, "bin/keep", "", IN_PLACE);
    place_set(place, "PATH", place_path(place, "bin"));
    said = PLACE_HOTLOOP(place, "export", "count.replay", "-o", "x.mp4", "--so", "game.so");
    assert_int_equal(said->exit_code, 1);
    contains(said->err, "ffmpeg");
    contains(said->err, "apt install ffmpeg");
    assert_false(place_exists(place, "x.mp4"));
    said = PLACE_HOTLOOP(place, "export", "count.replay", "-o", "bin/%d.png", "--so", "game.so");
    assert_int_equal(said->exit_code, 0);
    assert_int_equal(place_count_files(place, "bin"), 5 + 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest time_tests[] = {
        CASE(every_moment_is_what_it_was),
        CASE(wrong_moments_are_refused_and_nothing_moves),
        CASE(played_on_from_the_past_the_old_future_is_kept),
        CASE(trails_are_those_of_the_moment),
        CASE(history_counts_what_is_kept),
        CASE(without_history_there_is_no_past),
        CASE(a_loop_of_two_named_moments_plays_them),
        CASE(new_code_in_the_past_plays_on_from_there),
        CASE(variables_of_the_game_go_back_too),
        CASE(a_saved_part_comes_out_the_same),
        CASE(verify_names_the_tick_that_an_edit_changed),
        CASE(other_flags_are_not_comparable),
        CASE(a_killed_recording_is_cut_and_verifies),
        CASE(info_is_json_for_programs),
        CASE(a_part_of_a_replay_ends_where_it_is_told),
        CASE(synctest_finds_what_is_not_state),
        CASE(synctest_passes_a_game_that_keeps_the_rule),
        CASE(export_writes_a_picture_a_tick),
        CASE(export_makes_movies),
        CASE(without_ffmpeg_export_says_how_to_get_it),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(time_tests, NULL, NULL);
}
