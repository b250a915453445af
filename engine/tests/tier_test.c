// Two compilers in the real executable: what a save gives at once, and what becomes of it when the
// full compiler is done.
#include "session.h"

#include <stdlib.h>
#include <string.h>

static const char SOURCE[] = "game/counter.c";

static Session *start(Place *place, const char *tier)
{
    place_game(place, "counter.c", SOURCE);
    Session *session =
        SESSION_START(place, place->game, "--headless", place_text(place, "--tier=%s", tier));
    (void)session_wait(session, "reload");
    (void)session_wait_tick(session, 5);
    return session;
}

static void edit_step(Place *place, const char *from, const char *to)
{
    place_edit(place, SOURCE, place_text(place, "#define STEP %s\n", from),
               place_text(place, "#define STEP %s\n", to), RENAMED);
}

static void is_tier(Session *session, const char *tier)
{
    assert_string_equal(field_text(session_wait(session, "reload"), "tier"), tier);
}

static void contains(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        fail_msg("\"%s\" is not in \"%s\"", part, text);
    }
}

// The entry of that file in the status.
static const json_t *file_in_status(Session *session, const char *name)
{
    const json_t *files = json_object_get(SESSION_TELL(session, "status"), "tier_files");
    for (size_t i = 0; i < json_array_size(files); i++) {
        const json_t *file = json_array_get(files, i);
        if (strstr(field_text(file, "file"), name)) {
            return file;
        }
    }
    fail_msg("%s is not in the status", name);
    return NULL;
}

// The first event of that name, before or behind those that were waited for.
static const json_t *any_event(Session *session, const char *name)
{
    if (session_count(session, name) == 0) {
        return session_wait(session, name);
    }
    for (size_t i = 0; i < json_array_size(session->seen); i++) {
        const json_t *event = json_array_get(session->seen, i);
        if (strcmp(field_text(event, "event"), name) == 0) {
            return event;
        }
    }
    return NULL;
}

static void a_save_plays_at_once_and_then_in_full(Place *place)
{
    // Scenario: a number is edited while the game counts.
    // Expect: one reload, of tcc's code; then the compiler's takes its place, which is no reload:
    // the game is not told, no state is lost, and what ticks both ran they did alike.
    Session *session = start(place, "both");
    edit_step(place, "1", "10");
    is_tier(session, "fast");
    (void)session_wait_log(session, "new code: step 10 ");
    const json_t *tier = session_wait(session, "tier");
    assert_int_equal(field_number(tier, "generation"), 2);
    assert_int_equal(field_number(tier, "differed"), 0);
    assert_int_equal(json_array_size(json_object_get(tier, "lost")), 0);
    assert_string_equal(field_text(SESSION_TELL(session, "status"), "tier"), "full");
    assert_string_equal(field_text(file_in_status(session, "counter.c"), "tier"), "fast");
    const char *first = session_wait_tick(session, 0);
    long long count = place_number(first, "count "), tick = place_number(first, "tick ");
    const char *later = session_wait_tick(session, tick + 30);
    assert_int_equal(place_number(later, "count ") - count,
                     10 * (place_number(later, "tick ") - tick));
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
    assert_int_equal(session_count(session, "tier"), 1);
}

static void structs_and_variables_go_through_both(Place *place)
{
    // Scenario: a field is put in front of the count, and a static variable into update(); then the
    // inside of the function is edited.
    // Expect: the count and the variable go on over all four builds.
    Session *session = start(place, "both");
    place_edit(place, SOURCE, "    int64_t count;\n", "    double weight;\n    int64_t count;\n",
               IN_PLACE);
    contains(field_text(session_wait_field(session, "reload", "tier", "fast"), "migrated"),
             "+weight");
    assert_int_equal(field_number(session_wait(session, "tier"), "differed"), 0);
    place_edit(place, SOURCE, "    /* more rules */\n",
               "    static int runs = 1000;\n    runs++;\n"
               "    if (t->tick % 7 == 0) hl_log(t, \"runs %d tick %d\", runs, (int)t->tick);\n",
               IN_PLACE);
    (void)session_wait(session, "tier");
    const char *first = session_wait_log(session, "runs ");
    long long runs = place_number(first, "runs "), tick = place_number(first, "tick ");
    place_edit(place, SOURCE, "runs++;", "runs += 1;", IN_PLACE);
    is_tier(session, "fast");
    (void)session_wait(session, "tier");
    const char *last = session_wait_log(session, "runs ");
    assert_int_equal(place_number(last, "runs ") - runs, place_number(last, "tick ") - tick);
    const char *count = session_wait_tick(session, 0);
    assert_int_equal(place_number(count, "count "), place_number(count, "tick "));
    session_quit(session);
}

static void a_crash_in_tccs_code_has_its_line(Place *place)
{
    // Scenario: tcc's code writes through NULL.
    // Expect: the file and line of it, and the build before plays on.
    Session *session = start(place, "fast");
    place_edit(place, SOURCE, "    /* more rules */\n",
               "    int *nothing = t->tick ? NULL : (int *)g;\n    *nothing = 4;\n", RENAMED);
    const json_t *fault = session_wait(session, "fault");
    contains(field_text(fault, "where"), "counter.c:25");
    contains(field_text(fault, "report"), "update");
    assert_true(field_number(fault, "put_aside") > 0);
    place_edit(place, SOURCE, "*nothing = 4;", "(void)nothing;", RENAMED);
    is_tier(session, "fast");
    session_quit(session);
}

static void what_is_not_for_tcc_goes_to_the_compiler(Place *place)
{
    // Scenario: the source uses a thread-local variable; then it is taken out again.
    // Expect: the compiler's build alone, as without tcc; the status says why; then both again.
    Session *session = start(place, "both");
    place_edit(place, SOURCE, "    /* more rules */\n",
               "    static _Thread_local int local;\n    local++;\n", RENAMED);
    is_tier(session, "full");
    const json_t *file = file_in_status(session, "counter.c");
    assert_string_equal(field_text(file, "tier"), "full");
    contains(field_text(file, "why"), "_Thread_local");
    place_edit(place, SOURCE, "_Thread_local ", "", RENAMED);
    is_tier(session, "fast");
    session_quit(session);
}

static void without_tcc(Place *place)
{
    // Scenario: tcc is not installed; the full compiler alone is asked for.
    // Expect: a game like any other; the status says what is missing.
    place_set(place, "PATH", place_path(place, "tools"));
    static const char *const PROGRAMS[] = {"cc", "gcc", "ld", "as", "env", "cp", "mv"};
    for (size_t i = 0; i < sizeof(PROGRAMS) / sizeof(PROGRAMS[0]); i++) {
        place_write(place, place_text(place, "tools/%s", PROGRAMS[i]),
                    place_text(place, "#!/bin/sh\nexec /usr/bin/%s \"$@\"\n", PROGRAMS[i]),
                    IN_PLACE);
        (void)PLACE_RUN(place, "/bin/chmod", "755",
                        place_path(place, place_text(place, "tools/%s", PROGRAMS[i])));
    }
    Session *session = start(place, "both");
    edit_step(place, "1", "10");
    is_tier(session, "full");
    contains(field_text(SESSION_TELL(session, "status"), "tier_why_not"), "apt install tcc");
    session_quit(session);
    place_set(place, "PATH", NULL);
    place_set(place, "PATH", "/usr/local/bin:/usr/bin:/bin");
    Session *full = start(place, "full");
    edit_step(place, "1", "10");
    is_tier(full, "full");
    session_quit(full);
    assert_int_equal(session_count(full, "tier"), 0);
}

static void two_that_do_not_do_the_same(Place *place)
{
    // Scenario: the order in which two arguments are computed decides the game.
    // Expect: a warning with file and line; the seam names the field with both values; the
    // compiler's code plays, and from then on this text does without tcc, until it is another one.
    Session *session = start(place, "both");
    place_edit(place, SOURCE, "    /* more rules */\n",
               "    static unsigned seed = 1;\n"
               "    g->presses = less(dice(&seed), dice(&seed));\n",
               RENAMED);
    place_edit(place, SOURCE, "static void init",
               "static int dice(unsigned *seed) { *seed = *seed * 5u + 1u; return (int)(*seed % "
               "1000u); }\nstatic int less(int a, int b) { return a - 3 * b; }\nstatic void init",
               RENAMED);
    const json_t *seam = session_wait(session, "seam");
    contains(field_text(seam, "field"), "presses");
    assert_string_not_equal(field_text(seam, "fast"), field_text(seam, "full"));
    char *said = json_dumps(any_event(session, "warnings"), 0);
    contains(said, "dice");
    contains(said, "counter.c");
    free(said);
    assert_string_equal(field_text(SESSION_TELL(session, "status"), "tier"), "full");
    place_write(place, "game/new.h", "enum { NEW };\n", RENAMED); // all is compiled again
    is_tier(session, "full");
    contains(field_text(file_in_status(session, "counter.c"), "why"), "presses");
    place_edit(place, SOURCE, "less(dice(&seed), dice(&seed))", "dice(&seed)", RENAMED);
    is_tier(session, "fast");
    session_quit(session);
}

static void a_recording_over_both_is_verified(Place *place)
{
    // Scenario: a session is recorded over three edits that change nothing about the game, each
    // played by both compilers.
    // Expect: verify plays it with the compiler's code alone, and it comes out the same.
    static const char *const SAME[] = {"count += STEP;", "count += STEP + 0;", "count += (STEP);",
                                       "count += STEP * 1;"};
    place_game(place, "counter.c", SOURCE);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--record", place_path(place, "a.replay"));
    (void)session_wait(session, "reload");
    for (int i = 1; i < 4; i++) {
        place_edit(place, SOURCE, SAME[i - 1], SAME[i], RENAMED);
        is_tier(session, "fast");
        (void)session_wait(session, "tier");
    }
    (void)session_wait_log(session, "count ");
    session_quit(session);
    const Output *verified =
        PLACE_HOTLOOP(place, "verify", place_path(place, "a.replay"), "--game", place->game);
    if (verified->exit_code != 0) {
        print_message("%s%s", verified->out, verified->err);
    }
    assert_int_equal(verified->exit_code, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(a_save_plays_at_once_and_then_in_full),
        CASE(structs_and_variables_go_through_both),
        CASE(a_crash_in_tccs_code_has_its_line),
        CASE(what_is_not_for_tcc_goes_to_the_compiler),
        CASE(without_tcc),
        CASE(two_that_do_not_do_the_same),
        CASE(a_recording_over_both_is_verified),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
