// Conditions on a field: standing still where one becomes true, and when in history it did.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

// count goes up by one a tick; speed is NaN from tick 300 on; mood changes every hundred; the
// target is another mob in each tick.
static const char GAME[] =
    "#include <hotloop.h>\n"
    "typedef enum Mood { CALM, ANGRY, WILD } Mood;\n"
    "typedef struct Mob { int hp; } Mob;\n"
    "typedef struct Game { ADDED int count; float speed; Mood mood; Mob mobs[8]; Mob *target; }\n"
    "    Game;\n"
    "static int lives = 9;\n"
    "static void init(Game *g, hl_tick *t) { (void)g; (void)t; }\n"
    "static void update(Game *g, hl_tick *t)\n"
    "{\n"
    "    g->count++;\n"
    "    g->speed = g->count < 300 ? g->count * 0.5f : (float)__builtin_nan(\"\");\n"
    "    g->mood = g->count / 100 % 3;\n"
    "    g->target = &g->mobs[g->count % 8];\n"
    "    g->target->hp = g->count;\n"
    "    lives = 9 - g->count / 150;\n"
    "    if (g->count == 5) { hl_pause(t, \"begin\"); }\n"
    "    if (g->count % 50 == 0) { hl_log(t, \"count %d\", g->count); }\n"
    "}\n"
    "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
    "HL_GAME(Game, init, update, draw);\n";

static void write_game(Place *place, const char *added)
{
    char text[2048];
    const char *at = strstr(GAME, "ADDED");
    (void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - GAME), GAME, added, at + 5);
    place_write(place, "game/when.c", text, RENAMED);
}

// Up to its fifth tick, where it stands still.
static Session *start(Place *place)
{
    write_game(place, "");
    Session *session = session_start_game(place);
    while (!json_is_true(json_object_get(SESSION_TELL(session, "status"), "paused"))) {
        place_nap_ms(5);
    }
    return session;
}

// The state of a paused game at that count; ticks are run up to there.
static void go_to_count(Session *session, long long count)
{
    long long is = field_number(SESSION_TELL(session, "get", "count"), "value");
    if (is < count) {
        (void)SESSION_TELL(session, "step", place_text(session->place, "%lld", count - is));
    }
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), count);
}

static void assert_refused(Session *session, const char *part, const char *const *words)
{
    const json_t *reply = session_ask(session, words);
    assert_non_null(reply);
    assert_false(json_is_true(json_object_get(reply, "ok")));
    if (!strstr(field_text(reply, "error"), part)) {
        fail_msg("\"%s\" says nothing of \"%s\"", field_text(reply, "error"), part);
    }
}
#define ASSERT_REFUSED(session, part, ...)                                                         \
    assert_refused((session), (part), (const char *const[]){__VA_ARGS__, NULL})

// ------------------------------------------------------------------------------------------ break

static void a_break_stands_still_at_its_tick(Place *place)
{
    // Scenario: the game runs; breaks at count >= 120 and where speed becomes NaN; on after each.
    // Expect: it is paused at the end of exactly those ticks, with the event; then no more.
    Session *session = start(place);
    go_to_count(session, 60);
    assert_int_equal(field_number(SESSION_TELL(session, "break", "count >= 120"), "number"), 1);
    assert_int_equal(field_number(SESSION_TELL(session, "break", "speed", "nan"), "number"), 2);
    (void)SESSION_TELL(session, "resume");
    const json_t *event = session_wait(session, "break");
    assert_string_equal(field_text(event, "condition"), "count >= 120");
    assert_string_equal(field_text(event, "was"), "119");
    assert_string_equal(field_text(event, "value"), "120");
    const json_t *status = SESSION_TELL(session, "status");
    assert_true(json_is_true(json_object_get(status, "paused")));
    assert_int_equal(field_number(status, "tick"), 120);
    go_to_count(session, 290);
    (void)SESSION_TELL(session, "step", "100"); // ends where the break is
    event = session_wait(session, "break");
    assert_int_equal(field_number(event, "number"), 2);
    assert_string_equal(field_text(event, "was"), "149.5");
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "tick"), 300);
    go_to_count(session, 350);
    assert_int_equal(session_count(session, "break"), 2);
    const json_t *list = SESSION_TELL(session, "break");
    assert_int_equal(json_array_size(json_object_get(list, "breaks")), 2);
    assert_non_null(strstr(field_text(list, "text"), "2: speed nan"));
    session_quit(session);
}

static void breaks_are_removed(Place *place)
{
    // Scenario: three breaks; one is removed, then one that is not there, then all.
    // Expect: those that are left are listed, and hit; a wrong number is refused.
    Session *session = start(place);
    (void)SESSION_TELL(session, "break", "count >= 70");
    (void)SESSION_TELL(session, "break", "mood changes");
    (void)SESSION_TELL(session, "break", "lives", "<", "9");
    const json_t *list = SESSION_TELL(session, "break", "off", "1");
    assert_int_equal(json_array_size(json_object_get(list, "breaks")), 2);
    ASSERT_REFUSED(session, "no break 1", "break", "off", "1");
    ASSERT_REFUSED(session, "expected the number", "break", "off", "all");
    go_to_count(session, 80);
    (void)SESSION_TELL(session, "resume");
    assert_string_equal(field_text(session_wait(session, "break"), "condition"), "mood changes");
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "tick"), 100);
    (void)SESSION_TELL(session, "break", "off");
    go_to_count(session, 330);
    assert_int_equal(session_count(session, "break"), 1);
    assert_string_equal(field_text(SESSION_TELL(session, "break"), "text"), "no breaks");
    session_quit(session);
}

static void what_is_no_condition_is_refused(Place *place)
{
    // Scenario: conditions that are none, of `break` and `when`.
    // Expect: exit code 1, and a sentence that says what is wrong or near.
    Session *session = start(place);
    ASSERT_REFUSED(session, "did you mean count?", "break", "cuont > 3");
    ASSERT_REFUSED(session, "expected PATH", "break", "count");
    ASSERT_REFUSED(session, "expected PATH", "when", "count", ">");
    ASSERT_REFUSED(session, "no number", "when", "mobs", "changes");
    ASSERT_REFUSED(session, "cannot be HAPPY", "break", "mood == HAPPY");
    assert_int_equal(session_count(session, "break"), 0);
    session_quit(session);
}

static void a_break_outlives_a_build(Place *place)
{
    // Scenario: a break is set, the struct gets a field in front, and the game goes on.
    // Expect: it is hit where the field has that value in the new build.
    Session *session = start(place);
    (void)SESSION_TELL(session, "break", "target->hp == 90");
    write_game(place, "double added[3]; ");
    (void)session_wait(session, "reload");
    (void)SESSION_TELL(session, "resume");
    const json_t *event = session_wait(session, "break");
    assert_string_equal(field_text(event, "value"), "90");
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 90);
    session_quit(session);
}

static void breaks_hold_along_recorded_moments(Place *place)
{
    // Scenario: the game is taken back a hundred moments, then stepped along what is recorded, over
    // the moment at which a break's condition became true; and again on from there.
    // Expect: it stands still at exactly that moment; the rest is stepped when it is asked for.
    Session *session = start(place);
    go_to_count(session, 150);
    (void)SESSION_TELL(session, "back", "100");
    (void)SESSION_TELL(session, "break", "count >= 77");
    (void)SESSION_TELL(session, "step", "90");
    const json_t *event = session_wait(session, "break");
    assert_string_equal(field_text(event, "value"), "77");
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 77);
    (void)SESSION_TELL(session, "step", "10");
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 87);
    session_quit(session);
}

static void breaks_outlive_the_process(Place *place)
{
    // Scenario: two breaks are set and one taken off; the session's process is killed.
    // Expect: the process after it has the other one, and stands still where it becomes true.
    Session *session = start(place);
    (void)SESSION_TELL(session, "break", "count == 90");
    (void)SESSION_TELL(session, "break", "count == 30");
    (void)SESSION_TELL(session, "break", "off", "2");
    go_to_count(session, 20);
    session_kill_game(session, SIGKILL);
    (void)session_wait(session, "resumed");
    (void)SESSION_TELL(session, "resume");
    const json_t *event = session_wait(session, "break");
    assert_string_equal(field_text(event, "value"), "90");
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 90);
    session_quit(session);
}

// ------------------------------------------------------------------------------------------- when

static void when_finds_the_moment_and_goes_there(Place *place)
{
    // Scenario: 400 ticks, with a build of other structs at 350; then when things became so, from
    // the end and from the past, with and without going there.
    // Expect: moment and values around it; --seek shows it; what never was and what always was is
    // said.
    Session *session = start(place);
    go_to_count(session, 350);
    write_game(place, "double added[3]; ");
    (void)session_wait(session, "reload");
    go_to_count(session, 400);
    const json_t *reply = SESSION_TELL(session, "when", "speed nan");
    assert_true(json_is_true(json_object_get(reply, "found")));
    assert_string_equal(field_text(reply, "was"), "149.5");
    long long moment = field_number(reply, "moment");
    assert_int_equal(field_number(reply, "moment_before"), moment - 1);
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 400);
    reply = SESSION_TELL(session, "when", "speed", "nan", "--seek");
    assert_int_equal(field_number(reply, "moment"), moment);
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 300);
    reply = SESSION_TELL(session, "when", "--seek", "mood == WILD"); // seen from 300
    assert_string_equal(field_text(reply, "was"), "ANGRY");
    assert_int_equal(field_number(SESSION_TELL(session, "get", "count"), "value"), 200);
    reply = SESSION_TELL(session, "when", "count > 5000");
    assert_true(json_is_false(json_object_get(reply, "found")));
    reply = SESSION_TELL(session, "when", "lives > -100");
    assert_true(json_is_true(json_object_get(reply, "since_oldest")));
    reply = SESSION_TELL(session, "when", "lives changes");
    assert_string_equal(field_text(reply, "value"), "8");
    session_quit(session);
}

// ------------------------------------------------------------------------------------------- plot

static bool shows(Session *session, const char *text)
{
    const json_t *items = json_object_get(SESSION_TELL(session, "panel"), "items"), *item;
    size_t i;
    json_array_foreach(items, i, item)
    {
        if (strcmp(field_text(item, "text"), text) == 0) {
            return true;
        }
    }
    return false;
}

static void a_field_is_plotted_out_of_history(Place *place)
{
    // Scenario: 320 ticks pass with nothing open; then a plot of what was NaN lately and one of
    // the count, from the end and from the past; one is taken away.
    // Expect: the panel has them with what lies behind, though nobody watched; a field that is none
    // is refused.
    Session *session = start(place);
    go_to_count(session, 320);
    const json_t *reply = SESSION_TELL(session, "plot", "speed");
    assert_int_equal(field_number(reply, "nans"), 21);
    assert_true(json_real_value(json_object_get(reply, "high")) == 149.5);
    reply = SESSION_TELL(session, "plot", "count", "2");
    assert_int_equal(field_number(reply, "values"), 121);
    assert_true(json_real_value(json_object_get(reply, "low")) == 200);
    assert_true(shows(session, "speed"));
    assert_true(shows(session, "count"));
    assert_true(shows(session, "320"));
    long long moment = field_number(SESSION_TELL(session, "when", "speed nan"), "moment");
    assert_true(shows(session, place_text(place, "nan from moment %lld on", moment)));
    (void)SESSION_TELL(session, "seek", "-100");
    assert_true(shows(session, "220"));
    (void)SESSION_TELL(session, "plot", "off", "speed");
    assert_false(shows(session, "speed"));
    ASSERT_REFUSED(session, "no plot", "plot", "off", "speed");
    ASSERT_REFUSED(session, "did you mean speed?", "plot", "speeed");
    ASSERT_REFUSED(session, "expected a path", "plot", "speed", "long");
    session_quit(session);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_break_stands_still_at_its_tick),     CASE(breaks_are_removed),
        CASE(what_is_no_condition_is_refused),      CASE(a_break_outlives_a_build),
        CASE(breaks_hold_along_recorded_moments),   CASE(breaks_outlive_the_process),
        CASE(when_finds_the_moment_and_goes_there), CASE(a_field_is_plotted_out_of_history),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
