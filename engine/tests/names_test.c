// The state by name: ctl get, set, tree and types, what verify and --synctest say, hotloop diff.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The game of names, paused at a tick that has run.
static Session *start_paused(Place *place)
{
    place_game(place, "names.c", "game/names.c");
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "tick ");
    (void)SESSION_TELL(session, "pause");
    return session;
}

static const char *value(Session *session, const char *path)
{
    const json_t *reply = SESSION_TELL(session, "get", path);
    return place_text(session->place, "%s", field_text(reply, "text"));
}

static void assert_value(Session *session, const char *path, const char *wanted)
{
    const char *is = value(session, path);
    if (strcmp(is, wanted) != 0) {
        fail_msg("%s is %s, expected %s", path, is, wanted);
    }
}

static void assert_refused(Session *session, const char *const *words, const char *part)
{
    const json_t *reply = session_ask(session, words);
    assert_non_null(reply);
    assert_false(json_is_true(json_object_get(reply, "ok")));
    assert_int_equal(session->reply_code, 1);
    if (!strstr(field_text(reply, "error"), part)) {
        fail_msg("\"%s\" says nothing of \"%s\"", field_text(reply, "error"), part);
    }
}
#define ASSERT_REFUSED(session, part, ...)                                                         \
    assert_refused((session), (const char *const[]){__VA_ARGS__, NULL}, (part))

static void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("\"%s\" says nothing of \"%s\"", text, part);
    }
}

// ------------------------------------------------------------------------------------------ get

static void get_reads_values_by_name(Place *place)
{
    // Scenario: members, elements, through pointers, texts, enums, variables, allocations; one path
    // and several.
    // Expect: values as C writes them, and as JSON has them.
    Session *session = start_paused(place);
    assert_value(session, "hero.pos.y", "20");
    assert_value(session, "hero.speed", "{x: 0.5, y: 0}");
    assert_value(session, "boss->mood", "HUNTING");
    assert_value(session, "boss.target", "-> Mob#0[3]");
    assert_value(session, "mobs[2].pos.x", "2");
    assert_value(session, "Mob#1.target->target", "-> Mob#0[4]");
    assert_value(session, "word", "\"hello\"");
    assert_value(session, "score", "3");
    assert_value(session, "LIMIT", "99");
    assert_value(session, "mobs[0].name", "\"\"");
    const json_t *reply = SESSION_TELL(session, "get", "hero", "boss.hp", "hero.jumps");
    const json_t *rows = json_object_get(reply, "fields");
    assert_int_equal(json_array_size(rows), 3);
    const json_t *hero = json_object_get(json_array_get(rows, 0), "value");
    assert_true(json_number_value(json_object_get(json_object_get(hero, "pos"), "y")) == 20);
    assert_string_equal(field_text(json_array_get(rows, 0), "type"), "Hero");
    assert_int_equal(field_number(json_array_get(rows, 1), "value"), 0);
    assert_true(json_is_false(json_object_get(json_array_get(rows, 2), "value")));
    assert_contains(field_text(reply, "text"), "boss.hp = 0\n");
    session_quit(session);
}

static void get_suggests_what_is_near(Place *place)
{
    // Scenario: misspelt members, variables, indices; no words.
    // Expect: exit code 1, and an error that says what there is.
    Session *session = start_paused(place);
    ASSERT_REFUSED(session, "hero has no member poz; did you mean pos?", "get", "hero.poz");
    ASSERT_REFUSED(session, "did you mean score?", "get", "scoer");
    ASSERT_REFUSED(session, "fewer elements", "get", "mobs[5].hp");
    ASSERT_REFUSED(session, "path has 4 elements", "get", "path[4]");
    ASSERT_REFUSED(session, "there are 2 of type Mob", "get", "Mob.hp");
    ASSERT_REFUSED(session, "expected a path", "get");
    ASSERT_REFUSED(session, "expected a path and a value", "set", "hero.coins");
    ASSERT_REFUSED(session, "did you mean Hero?", "types", "Heroo");
    ASSERT_REFUSED(session, "whole number", "tree", "hero", "--depth", "deep");
    session_quit(session);
}

static void get_reads_while_it_runs_and_in_the_past(Place *place)
{
    // Scenario: two reads while it runs; then back to the moment of the first.
    // Expect: time goes on between the two; in the past the value is that moment's.
    place_game(place, "names.c", "game/names.c");
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "tick ");
    const json_t *reply = SESSION_TELL(session, "get", "hero.pos.x");
    const char *first = place_text(place, "%s", field_text(reply, "text"));
    const char *moment = place_text(place, "%lld", field_number(reply, "moment"));
    (void)session_wait_log(session, "tick ");
    (void)session_wait_log(session, "tick ");
    assert_string_not_equal(value(session, "hero.pos.x"), first);
    (void)SESSION_TELL(session, "seek", moment);
    assert_value(session, "hero.pos.x", first);
    session_quit(session);
}

static void a_build_without_debug_information_has_no_names(Place *place)
{
    // Scenario: a library that is built without -g.
    // Expect: get, set, tree and types say so, and it plays on.
    place_game(place, "names.c", "names.c");
    place_library(place, "game.so", "names.c", "-O1 -g0");
    Session *session = session_start_library(place, "game.so");
    ASSERT_REFUSED(session, "no debug information", "get", "hero");
    ASSERT_REFUSED(session, "no debug information", "set", "hero.coins", "1");
    ASSERT_REFUSED(session, "no debug information", "tree");
    ASSERT_REFUSED(session, "no debug information", "types");
    (void)session_wait_log(session, "tick ");
    session_quit(session);
}

// ------------------------------------------------------------------------------------------ set

static void set_is_seen_at_once_and_goes_with_time(Place *place)
{
    // Scenario: while paused, values of every kind are set; three steps, back over them, forward.
    // Expect: each is there at once, each is a moment; before them is what was, after them what was
    // set; the event names both values.
    Session *session = start_paused(place);
    const char *before = value(session, "hero.pos.x");
    long long moment = field_number(SESSION_TELL(session, "status"), "moment");
    const json_t *reply = SESSION_TELL(session, "set", "hero.pos.x", "-100");
    assert_string_equal(field_text(reply, "was"), before);
    assert_string_equal(field_text(reply, "value"), "-100");
    assert_int_equal(field_number(reply, "moment"), moment + 1);
    const json_t *event = session_wait(session, "edit");
    assert_string_equal(field_text(event, "path"), "hero.pos.x");
    assert_string_equal(field_text(event, "was"), before);
    assert_value(session, "hero.pos.x", "-100");
    (void)SESSION_TELL(session, "set", "mobs[1].name", "\"Bob \\\"B\\\"\"");
    (void)SESSION_TELL(session, "set", "boss->mood", "ASLEEP");
    (void)SESSION_TELL(session, "set", "boss->armor", "-7");
    (void)SESSION_TELL(session, "set", "boss->target", "NULL");
    (void)SESSION_TELL(session, "set", "score", "50");
    (void)SESSION_TELL(session, "set", "count_calls.calls", "0x100");
    assert_value(session, "mobs[1].name", "\"Bob \\\"B\\\"\"");
    assert_value(session, "boss->mood", "ASLEEP");
    assert_value(session, "boss->armor", "-7");
    assert_value(session, "boss->target", "NULL");
    assert_value(session, "count_calls.calls", "256");
    (void)SESSION_TELL(session, "step", "3");
    assert_value(session, "hero.pos.x", "-98.5");
    assert_value(session, "score", "50");
    (void)SESSION_TELL(session, "seek", place_text(place, "%lld", moment));
    assert_value(session, "hero.pos.x", before);
    assert_value(session, "score", "3");
    assert_value(session, "boss->mood", "HUNTING");
    (void)SESSION_TELL(session, "step", "1");
    assert_value(session, "hero.pos.x", "-100");
    (void)SESSION_TELL(session, "seek", "end");
    assert_value(session, "hero.pos.x", "-98.5");
    assert_value(session, "boss->target", "NULL");
    session_quit(session);
}

static void set_in_the_past_begins_a_branch(Place *place)
{
    // Scenario: back ten ticks, a value is set there, and it plays on.
    // Expect: a branch; what was to come is as it was without it.
    Session *session = start_paused(place);
    (void)SESSION_TELL(session, "step", "20");
    const char *end = value(session, "hero.pos.x");
    (void)SESSION_TELL(session, "back", "10");
    (void)SESSION_TELL(session, "set", "hero.pos.x", "1000");
    (void)session_wait(session, "branch");
    (void)SESSION_TELL(session, "step", "10");
    assert_value(session, "hero.pos.x", "1005");
    (void)SESSION_TELL(session, "seek", "end", "0");
    assert_value(session, "hero.pos.x", end);
    session_quit(session);
}

static void set_refuses_what_does_not_fit(Place *place)
{
    // Scenario: words for numbers, too large ones, addresses, constants, structs, long texts.
    // Expect: each is refused with a reason, and no moment is made of it.
    Session *session = start_paused(place);
    long long moment = field_number(SESSION_TELL(session, "status"), "moment");
    ASSERT_REFUSED(session, "many", "set", "hero.coins", "many");
    ASSERT_REFUSED(session, "int", "set", "hero.coins", "3000000000");
    ASSERT_REFUSED(session, ": 3", "set", "boss->flags", "8");
    ASSERT_REFUSED(session, "NULL", "set", "boss", "0x1234");
    ASSERT_REFUSED(session, "const", "set", "LIMIT", "1");
    ASSERT_REFUSED(session, "in parts", "set", "hero.pos", "1");
    ASSERT_REFUSED(session, "room for 11 letters", "set", "boss->name", "a name too long");
    ASSERT_REFUSED(session, "no member", "set", "hero.poz", "1");
    ASSERT_REFUSED(session, "control characters", "set", "boss->name", "a\001b");
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "moment"), moment);
    session_quit(session);
}

static void assert_same_again(Place *place, const char *file)
{
    const Output *said = PLACE_HOTLOOP(place, "verify", file, "--game", "game");
    if (said->exit_code != 0 || !strstr(said->out, "same")) {
        fail_msg("exit %d: %s%s", said->exit_code, said->out, said->err);
    }
}

static void a_recording_with_edits_comes_out_the_same(Place *place)
{
    // Scenario: --record; values are set while it runs, while paused, in the past, in a loop; then
    // the recording and a file out of history are run again.
    // Expect: verify says same of both, a replay ends with the session's hash, info lists the
    // edits.
    place_game(place, "names.c", "game/names.c");
    Session *session =
        SESSION_START(place, place->game, "--headless", "--record", "all.replay", "--seed", "5");
    (void)session_wait_log(session, "tick ");
    (void)SESSION_TELL(session, "set", "hero.speed.x", "0.125");
    (void)session_wait_log(session, "tick ");
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "set", "score", "17");
    (void)SESSION_TELL(session, "set", "boss->name", "Otto");
    (void)SESSION_TELL(session, "step", "30");
    (void)SESSION_TELL(session, "back", "20");
    (void)SESSION_TELL(session, "set", "mobs[4].hp", "-1");
    (void)SESSION_TELL(session, "step", "30");
    (void)SESSION_TELL(session, "loop", "-10", "end");
    (void)session_wait_log(session, "tick ");
    (void)SESSION_TELL(session, "set", "hero.coins", "9");
    (void)session_wait_log(session, "tick ");
    (void)session_wait_log(session, "tick ");
    (void)session_wait_log(session, "tick ");
    (void)SESSION_TELL(session, "loop", "off");
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "save", "history.replay");
    session_quit(session);
    assert_same_again(place, "all.replay");
    assert_same_again(place, "history.replay");
    const json_t *quit = json_array_get(session->seen, json_array_size(session->seen) - 1);
    const char *hash = field_text(quit, "hash");
    const Output *said =
        PLACE_HOTLOOP(place, "replay", "all.replay", "game", "--headless", "--fast");
    assert_int_equal(said->exit_code, 0);
    assert_contains(said->out, hash);
    said = PLACE_HOTLOOP(place, "info", "all.replay");
    assert_contains(said->out, "score = 17");
    assert_contains(said->out, "mobs[4].hp = -1");
    said = PLACE_HOTLOOP(place, "info", "--json", "history.replay");
    json_t *info = json_loads(said->out, 0, NULL);
    assert_true(json_array_size(json_object_get(info, "edits"))
                >= 4); // and one more, if the last pass came to it
    json_decref(info);
}

static void a_loop_takes_an_edit_up(Place *place)
{
    // Scenario: a loop of some ticks plays; a value is set in the middle of it.
    // Expect: it is there after each later pass has come by, and the ticks are those of the loop.
    Session *session = start_paused(place);
    (void)SESSION_TELL(session, "step", "30");
    long long last = field_number(SESSION_TELL(session, "status"), "tick");
    (void)SESSION_TELL(session, "loop", "-12", "end");
    (void)session_wait(session, "loop");
    (void)session_wait_log(session, "tick ");
    (void)SESSION_TELL(session, "set", "hero.coins", "7");
    long long before = 0;
    for (int wraps = 0; wraps < 4;) {
        long long tick = place_number(session_wait_log(session, "tick "), "tick ");
        assert_true(tick > last - 12 && tick <= last);
        wraps += tick < before;
        before = tick;
    }
    bool seen[2] = {false, false};
    for (int i = 0; i < 2000 && !(seen[0] && seen[1]); i++) {
        const char *coins = value(session, "hero.coins");
        seen[strcmp(coins, "7") == 0] = true;
        assert_true(strcmp(coins, "7") == 0 || strcmp(coins, "0") == 0);
    }
    assert_true(seen[1]);
    assert_string_equal(field_text(SESSION_TELL(session, "status"), "loop"), "play");
    session_quit(session);
}

static void edits_outlive_the_process(Place *place)
{
    // Scenario: a value is set; a second later the process that plays is killed.
    // Expect: the one after it has the value, the moment before it has not, and history saved from
    // there comes out the same.
    place_game(place, "names.c", "game/names.c");
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "tick ");
    long long moment = field_number(SESSION_TELL(session, "set", "hero.coins", "44"), "moment");
    for (int i = 0; i < 30; i++) {
        (void)session_wait_log(session, "tick ");
    }
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    (void)SESSION_TELL(session, "pause");
    assert_value(session, "hero.coins", "44");
    (void)SESSION_TELL(session, "seek", place_text(place, "%lld", moment - 1));
    assert_value(session, "hero.coins", "0");
    (void)SESSION_TELL(session, "seek", "end");
    (void)SESSION_TELL(session, "save", "later.replay");
    session_quit(session);
    assert_same_again(place, "later.replay");
}

// --------------------------------------------------------------------------------- tree and types

static void tree_shows_what_there_is(Place *place)
{
    // Scenario: everything, a struct, a pointer, one level, more than is shown.
    // Expect: rows with paths that `get` takes; variables and allocations; how many more there are.
    Session *session = start_paused(place);
    const json_t *reply = SESSION_TELL(session, "tree");
    const char *text = place_text(place, "%s", field_text(reply, "text"));
    static const char *const PARTS[] = {
        "Game\n",        "  hero = {", "variables\n", "  score = 3", "count_calls.calls",
        "allocations\n", "  Mob#0",    "  Mob#1"};
    for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
        assert_contains(text, PARTS[i]);
    }
    assert_null(strstr(text, "LIMIT"));
    json_t *rows = json_deep_copy(json_object_get(reply, "rows"));
    assert_int_equal(json_array_size(rows), 10);
    for (size_t i = 0; i < json_array_size(rows); i += 3) {
        (void)value(session, field_text(json_array_get(rows, i), "path"));
    }
    json_decref(rows);
    reply = SESSION_TELL(session, "tree", "boss", "--depth", "1");
    assert_contains(field_text(reply, "text"), "\n  * = {pos: {x: 0, y: 0}");
    reply = SESSION_TELL(session, "tree", "--depth", "0", "hero");
    assert_int_equal(json_array_size(json_object_get(reply, "rows")), 1);
    reply = SESSION_TELL(session, "tree", "mobs[0]");
    assert_contains(field_text(reply, "text"), "armor = 0  (");
    session_quit(session);
}

static void types_say_what_lives(Place *place)
{
    // Scenario: all types, one with members, an enum.
    // Expect: those of which most is alive first; offsets, sizes and bits of members; enumerators.
    Session *session = start_paused(place);
    const json_t *reply = SESSION_TELL(session, "types");
    const json_t *first = json_array_get(json_object_get(reply, "types"), 0);
    assert_string_equal(field_text(first, "name"), "Mob");
    assert_int_equal(field_number(first, "count"), 6);
    assert_int_equal(field_number(first, "allocations"), 2);
    long long size = field_number(first, "size");
    assert_int_equal(field_number(first, "bytes"), 6 * size);
    reply = SESSION_TELL(session, "types", "Mob");
    const json_t *members =
        json_object_get(json_array_get(json_object_get(reply, "types"), 0), "members");
    assert_int_equal(json_array_size(members), 7);
    const json_t *armor = json_array_get(members, 4);
    assert_string_equal(field_text(armor, "name"), "armor");
    assert_int_equal(field_number(armor, "bits"), 6);
    assert_int_equal(field_number(json_array_get(members, 1), "offset"), 8);
    reply = SESSION_TELL(session, "types", "Mood");
    assert_contains(field_text(reply, "text"), "5    HUNTING");
    session_quit(session);
}

// ------------------------------------------------------------------------ what came out otherwise

static void record(Place *place, const char *file, const char *ticks)
{
    const Output *said = PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks",
                                       ticks, "--seed", "1", "--record", file);
    assert_int_equal(said->exit_code, 0);
}

static void diff_names_what_differs(Place *place)
{
    // Scenario: two recordings, one with a jump; moments before and after it, the same file twice,
    // forms of time, a limit.
    // Expect: 0 the same; 1 with each field and both values; sums of what was left out.
    place_game(place, "names.c", "game/names.c");
    record(place, "a.replay", "100");
    place_write(place, "keys.txt", "50 tap SPACE\n", IN_PLACE);
    const Output *said =
        PLACE_HOTLOOP(place, "run", "game", "--headless", "--fast", "--ticks", "100", "--seed", "1",
                      "--record", "b.replay", "--script", "keys.txt");
    assert_int_equal(said->exit_code, 0);
    said = PLACE_HOTLOOP(place, "diff", "a.replay@49", "b.replay@49", "--game", "game");
    assert_int_equal(said->exit_code, 0);
    assert_contains(said->out, "the same");
    said = PLACE_HOTLOOP(place, "diff", "a.replay@51", "b.replay@51", "--game", "game");
    assert_int_equal(said->exit_code, 1);
    assert_contains(said->out, "score");
    assert_contains(said->out, "3 -> 4");
    assert_contains(said->out, "total");
    assert_contains(said->out, "153 -> 154");
    assert_null(strstr(said->out, "hero.pos"));
    said = PLACE_HOTLOOP(place, "diff", "a.replay@1s", "a.replay@1500ms", "--limit", "1", "--game",
                         "game");
    assert_int_equal(said->exit_code, 1);
    assert_contains(said->out, "hero.pos.x");
    assert_contains(said->out, "40 -> 55");
    assert_contains(said->out, "more (--limit 0 prints all)");
    said = PLACE_HOTLOOP(place, "diff", "a.replay", "a.replay@-0.5s", "--game", "game");
    assert_contains(said->out, "60 -> 45");
}

static void diff_says_when_it_cannot(Place *place)
{
    // Scenario: no file, no such moment, a moment before init(), one file, a game that does not
    // compile.
    // Expect: exit code 2 each time, and the reason.
    place_game(place, "names.c", "game/names.c");
    record(place, "a.replay", "20");
    static const struct {
        const char *a, *b, *part;
    } WRONG[] = {{"a.replay@1", "none.replay@1", "no such file"},
                 {"a.replay@1", "a.replay@21", "holds 0 to 20"},
                 {"a.replay@1", "a.replay@soon", "no moment"},
                 {"a.replay@0", "a.replay@1", "no tick has run"}};
    for (size_t i = 0; i < sizeof(WRONG) / sizeof(WRONG[0]); i++) {
        const Output *said = PLACE_HOTLOOP(place, "diff", WRONG[i].a, WRONG[i].b, "--game", "game");
        assert_int_equal(said->exit_code, 2);
        assert_contains(said->err, WRONG[i].part);
    }
    const Output *said = PLACE_HOTLOOP(place, "diff", "a.replay");
    assert_int_equal(said->exit_code, 2);
    place_edit(place, "game/names.c", "#define STEP 1", "#define STEP oops", RENAMED);
    said = PLACE_HOTLOOP(place, "diff", "a.replay@1", "a.replay@2", "--game", "game");
    assert_int_equal(said->exit_code, 2);
}

static void synctest_names_the_field(Place *place)
{
    // Scenario: --synctest on a game that asks the clock.
    // Expect: the first field that differs, with both values, and how many more there are.
    place_game(place, "clock.c", "game/clock.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--fast", "--ticks", "3",
                                     "--synctest", "1");
    const char *text = field_text(session_wait(session, "desync"), "text");
    assert_contains(text, "tick 1 ");
    assert_contains(text, "Stamp.nanoseconds was ");
    assert_contains(text, " in the second run (and 1 more field)");
    assert_int_equal(session_wait_end(session), 3);
}

static const char *verify(Place *place, const char *file, int exit_code)
{
    const Output *said = PLACE_HOTLOOP(place, "verify", file, "--game", "game");
    if (said->exit_code != exit_code) {
        fail_msg("exit %d: %s%s", said->exit_code, said->out, said->err);
    }
    return place_text(place, "%s", said->out);
}

static void verify_names_the_field(Place *place)
{
    // Scenario: a recording; then the game moves faster, counts differently from tick 77 on, gives
    // a mob another target, counts its calls twice.
    // Expect: the first tick that differs, its first field with both values, how many more.
    place_game(place, "names.c", "game/names.c");
    record(place, "a.replay", "100");
    assert_contains(verify(place, "a.replay", 0), "same");
    place_edit(place, "game/names.c", "#define STEP 1", "#define STEP 2", RENAMED);
    assert_contains(verify(place, "a.replay", 3), "at tick 1: hero.pos.x was 10.5, is 11;");
    place_edit(place, "game/names.c", "#define STEP 2", "#define STEP 1", RENAMED);
    static const char RULE[] = "    g->total += score;\n";
    static const struct {
        const char *rule, *said;
    } RULES[] = {
        {"    g->total += score + (t->tick > 76);\n", "at tick 77: total was 231, is 232;"},
        {"    g->total += score;\n    if (t->tick == 50) g->mobs[2].target = g->boss;\n",
         "at tick 50: Mob#0[2].target was -> Mob#0[3], is -> Mob#1;"},
        {"    g->total += score;\n    if (t->tick == 9) score = (int32_t)(g->total += 2);\n",
         "at tick 9: total was 27, is 29 (and 1 more field);"},
        {"    g->total += score;\n    if (t->tick == 30) (void)count_calls();\n",
         "at tick 30: count_calls.calls was 30, is 31 (and 2 more fields);"}};
    const char *now = RULE;
    for (size_t i = 0; i < sizeof(RULES) / sizeof(RULES[0]); i++) {
        place_edit(place, "game/names.c", now, RULES[i].rule, RENAMED);
        assert_contains(verify(place, "a.replay", 3), RULES[i].said);
        now = RULES[i].rule;
    }
}

static void verify_says_what_is_different_later(Place *place)
{
    // Scenario: a game that changes 16 KB in each tick, recorded for 11 seconds; at tick 250 one
    // number comes out otherwise.
    // Expect: the tick and its page, and of the next keyframe the field with both values.
    place_write(place, "game/wide.c",
                "#include \"hotloop.h\"\n#define STEP 1\n"
                "typedef struct Game { float many[4000]; int late; } Game;\n"
                "static void init(Game *g, hl_tick *t) { (void)t; g->late = 1; }\n"
                "static void update(Game *g, hl_tick *t)\n{\n"
                "    for (int i = 0; i < 4000; i++) g->many[i] += 0.5f * (float)(i + 1);\n"
                "    if (t->tick == 250) g->late += STEP;\n}\n"
                "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
                "HL_GAME(Game, init, update, draw, .title = \"Wide\");\n",
                IN_PLACE);
    record(place, "wide.replay", "660");
    place_edit(place, "game/wide.c", "#define STEP 1", "#define STEP 2", RENAMED);
    const char *said = verify(place, "wide.replay", 3);
    assert_contains(said, "at tick 250: page ");
    assert_contains(said, "at moment 600, the next that the file holds whole: late was 2, is 3;");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(get_reads_values_by_name),
        CASE(get_suggests_what_is_near),
        CASE(get_reads_while_it_runs_and_in_the_past),
        CASE(a_build_without_debug_information_has_no_names),
        CASE(set_is_seen_at_once_and_goes_with_time),
        CASE(set_in_the_past_begins_a_branch),
        CASE(set_refuses_what_does_not_fit),
        CASE(a_recording_with_edits_comes_out_the_same),
        CASE(a_loop_takes_an_edit_up),
        CASE(edits_outlive_the_process),
        CASE(tree_shows_what_there_is),
        CASE(types_say_what_lives),
        CASE(diff_names_what_differs),
        CASE(diff_says_when_it_cannot),
        CASE(synctest_names_the_field),
        CASE(verify_names_the_field),
        CASE(verify_says_what_is_different_later),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
