// A folder of sources that somebody edits while it runs.
#include "session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SOURCE[] = "game/counter.c";

static Session *start_counter(Place *place)
{
    place_game(place, "counter.c", SOURCE);
    return session_start_game(place);
}

// A reload whose first tick adds `step` to the state of all ticks before, which added 1 each.
static void wait_for_step(Session *session, int step)
{
    const char *text =
        session_wait_log(session, place_text(session->place, "new code: step %d ", step));
    assert_int_equal(place_number(text, "total "), place_number(text, "tick ") - 1 + step);
}

static void edit_step(Place *place, int step, Way way)
{
    place_edit(place, SOURCE, "#define STEP 1\n", place_text(place, "#define STEP %d\n", step),
               way);
}

static void an_edit_keeps_the_state_and_runs_the_new_code(Place *place)
{
    // Scenario: a constant is changed and saved while the game counts.
    // Expect: one build, one reload with times in order; the count goes on in new steps.
    Session *session = start_counter(place);
    long long tick = place_number(session_wait_tick(session, 10), "tick ");
    edit_step(place, 10, IN_PLACE);
    (void)session_wait(session, "build");
    const json_t *reload = session_wait(session, "reload");
    assert_int_equal(field_number(reload, "generation"), 2);
    assert_true(field_number(reload, "tick") > tick);
    assert_true(field_number(reload, "saved_ns") <= field_number(reload, "built_ns"));
    assert_true(field_number(reload, "built_ns") <= field_number(reload, "ready_ns"));
    assert_true(field_number(reload, "ready_ns") <= field_number(reload, "first_tick_ns"));
    assert_true(field_number(reload, "swap_ns") >= 0);
    wait_for_step(session, 10);
    assert_int_equal(session_count(session, "build"), 2);
    assert_int_equal(session_count(session, "log") > 0, 1);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
}

static void save_in_a_way(Place *place, Way way)
{
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    edit_step(place, 10, way);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "build_failed"), 0);
    assert_int_equal(session_count(session, "reload"), 2);
}

static void saved_in_pieces_while_it_stays_open(Place *place)
{
    // Scenario: truncated, then written in five pieces with pauses.
    // Expect: no build of a part of it; the whole one runs.
    save_in_a_way(place, IN_PIECES);
}

static void saved_over_the_old_bytes(Place *place)
{
    // Scenario: written over the old bytes and cut to size.
    // Expect: the new one runs.
    save_in_a_way(place, OVER_BYTES);
}

static void saved_by_a_rename(Place *place)
{
    // Scenario: written beside it and renamed over it.
    // Expect: the new one runs.
    save_in_a_way(place, RENAMED);
}

static void saved_as_vim_does(Place *place)
{
    // Scenario: the old file becomes a backup, a new one is written, the backup is removed.
    // Expect: one reload, no failed build of a folder without the file.
    save_in_a_way(place, WITH_BACKUP);
}

static void saved_by_cp(Place *place)
{
    // Scenario: cp from elsewhere.
    // Expect: the new one runs.
    save_in_a_way(place, COPIED);
}

static void saved_by_mv(Place *place)
{
    // Scenario: mv from another folder.
    // Expect: the new one runs.
    save_in_a_way(place, MOVED);
}

static void saved_by_sed(Place *place)
{
    // Scenario: sed -i edits the source.
    // Expect: the new one runs.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    const Output *said = PLACE_RUN(place, "sed", "-i", "s/define STEP 1$/define STEP 10/",
                                   place_path(place, SOURCE));
    assert_int_equal(said->exit_code, 0);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "build_failed"), 0);
}

static void half_a_source_then_the_rest(Place *place)
{
    // Scenario: an editor closes the file after half of it and writes the whole a moment later.
    // Expect: whatever the half made of itself, the whole one runs and the state is kept.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    char *text = place_read(place, SOURCE, NULL);
    place_write_bytes(place, SOURCE, text, strlen(text) / 2, IN_PLACE);
    place_nap_ms(30);
    place_write(place, SOURCE, text, IN_PLACE);
    free(text);
    edit_step(place, 10, IN_PLACE);
    wait_for_step(session, 10);
    session_quit(session);
}

static void a_save_without_a_change_is_no_reload(Place *place)
{
    // Scenario: touch, and the same bytes again; then a real change.
    // Expect: "unchanged" for the former, generation 2 for the latter.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    assert_int_equal(PLACE_RUN(place, "touch", place_path(place, SOURCE))->exit_code, 0);
    (void)session_wait(session, "unchanged");
    char *text = place_read(place, SOURCE, NULL);
    place_write(place, SOURCE, text, RENAMED);
    free(text);
    (void)session_wait(session, "unchanged");
    edit_step(place, 2, IN_PLACE);
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 2);
    session_quit(session);
}

static void an_error_is_named_and_its_fix_goes_on(Place *place)
{
    // Scenario: a name is misspelt and saved, then put right together with a new step.
    // Expect: file, line, column and text of the error; the old code plays on meanwhile; the fix
    // runs with the state kept.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    place_edit(place, SOURCE, "/* more rules */", "g->cuont = 0;", IN_PLACE);
    const json_t *failed = session_wait(session, "build_failed");
    assert_true(field_number(failed, "errors") >= 1);
    const json_t *first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_non_null(strstr(field_text(first, "file"), "counter.c"));
    assert_int_equal(field_number(first, "line"), 24);
    assert_int_equal(field_number(first, "column"), 8);
    assert_string_equal(field_text(first, "severity"), "error");
    assert_non_null(strstr(field_text(first, "text"), "cuont"));
    (void)session_wait_tick(session, field_number(failed, "tick") + 10);
    assert_true(json_is_true(json_object_get(SESSION_TELL(session, "status"), "failed")));
    place_edit(place, SOURCE, "g->cuont = 0;", "/* more rules */", IN_PLACE);
    (void)session_wait(session, "unchanged");
    assert_true(json_is_false(json_object_get(SESSION_TELL(session, "status"), "failed")));
    edit_step(place, 10, IN_PLACE);
    wait_for_step(session, 10);
    assert_non_null(strstr(session_errors(session), "counter.c:24:8: "));
    session_quit(session);
}

static void a_misspelt_call_is_an_error_with_a_line(Place *place)
{
    // Scenario: hl_lgo instead of hl_log.
    // Expect: an error with its line, not a library that fails to load.
    Session *session = start_counter(place);
    place_edit(place, SOURCE, "hl_log(t, \"pressed", "hl_lgo(t, \"pressed", IN_PLACE);
    const json_t *failed = session_wait(session, "build_failed");
    const json_t *first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_int_equal(field_number(first, "line"), 27);
    assert_non_null(strstr(field_text(first, "text"), "hl_lgo"));
    session_quit(session);
}

static void a_broken_first_build_waits_for_its_fix(Place *place)
{
    // Scenario: the source is broken when the session starts; then it is put right.
    // Expect: no end; the fix starts the game from its beginning.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "/* more rules */", "this is not C", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--headless");
    (void)session_wait(session, "build_failed");
    const json_t *status = SESSION_TELL(session, "status");
    assert_true(json_is_true(json_object_get(status, "failed")));
    assert_int_equal(field_number(status, "generation"), 0);
    place_edit(place, SOURCE, "this is not C", "", IN_PLACE);
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 1);
    (void)session_wait_log(session, "init with seed");
    (void)session_wait_tick(session, 5);
    session_quit(session);
}

static void an_empty_folder_waits_for_its_first_source(Place *place)
{
    // Scenario: hotloop run on a folder without sources; a source appears.
    // Expect: the game starts.
    Session *session = SESSION_START(place, place->game, "--headless");
    (void)session_wait(session, "build_failed");
    place_game(place, "counter.c", SOURCE);
    (void)session_wait(session, "reload");
    (void)session_wait_tick(session, 5);
    session_quit(session);
}

static void warnings_are_told_and_the_build_runs(Place *place)
{
    // Scenario: an unused variable.
    // Expect: a reload, and a "warnings" event with file and line.
    Session *session = start_counter(place);
    place_edit(place, SOURCE, "/* more rules */", "int unused_thing = 3;", IN_PLACE);
    const json_t *warnings = session_wait(session, "warnings");
    const json_t *first = json_array_get(json_object_get(warnings, "diagnostics"), 0);
    assert_string_equal(field_text(first, "severity"), "warning");
    assert_int_equal(field_number(first, "line"), 24);
    assert_non_null(strstr(field_text(first, "text"), "unused_thing"));
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2); // before or behind the warnings
}

static void a_state_of_another_size_plays_on(Place *place)
{
    // Scenario: fields are added to the state, and the code is changed with them.
    // Expect: what was there goes on, what is new is zero, and one line says so.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    place_edit(place, SOURCE, "/* more fields */", "int64_t more[4];", IN_PLACE);
    const json_t *reload = session_wait_field(session, "reload", "migrated", "Game: +more");
    const char *text = session_wait_tick(session, field_number(reload, "tick") + 5);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    edit_step(place, 10, IN_PLACE);
    wait_for_step(session, 10);
    session_quit(session);
}

// A union whose members are laid out otherwise: nobody can say which of them it holds.
#define UNION_BEFORE "union { int64_t whole; float part; } mix; /* more fields */"
#define UNION_AFTER  "union { int32_t whole; double part; char text[4]; } mix; /* more fields */"

static Session *start_with_union(Place *place)
{
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "/* more fields */", UNION_BEFORE, IN_PLACE);
    place_edit(place, SOURCE, "/* more rules */", "g->mix.whole = 7;", IN_PLACE);
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 5);
    return session;
}

static void what_cannot_be_decided_waits_for_a_restart(Place *place)
{
    // Scenario: the members of a union in use become others; then the session is restarted.
    // Expect: refused by the field's name; the old code plays on; the restart takes the new one.
    Session *session = start_with_union(place);
    place_edit(place, SOURCE, UNION_BEFORE, UNION_AFTER, IN_PLACE);
    edit_step(place, 10, IN_PLACE);
    const json_t *refused = session_wait(session, "refused");
    assert_string_equal(field_text(refused, "kind"), "layout");
    assert_non_null(strstr(field_text(refused, "reason"), "Game.mix"));
    const char *text = session_wait_tick(session, field_number(refused, "tick") + 5);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    (void)SESSION_TELL(session, "restart");
    (void)session_wait(session, "restart");
    (void)session_wait_log(session, "init with seed 7");
    text = session_wait_log(session, "new code: step 10");
    assert_int_equal(place_number(text, "total "), 10);
    assert_int_equal(place_number(text, "tick "), 1);
    session_quit(session);
}

static void what_is_taken_back_needs_no_restart(Place *place)
{
    // Scenario: a union changes (refused), then it is as it was.
    // Expect: the last build runs on the state that was there all along.
    Session *session = start_with_union(place);
    place_edit(place, SOURCE, UNION_BEFORE, UNION_AFTER, IN_PLACE);
    (void)session_wait(session, "refused");
    place_edit(place, SOURCE, UNION_AFTER, UNION_BEFORE, IN_PLACE);
    (void)session_wait(session, "reload");
    edit_step(place, 10, IN_PLACE);
    wait_for_step(session, 10);
    session_quit(session);
}

static void a_header_alone_rebuilds_who_includes_it(Place *place)
{
    // Scenario: two units and a header; only the header is saved; another header that nobody
    // includes is saved before it.
    // Expect: the new value runs; the other one is no reload.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "#include \"hotloop.h\"",
               "#include \"hotloop.h\"\n#include \"step.h\"", IN_PLACE);
    place_write(place, "game/step.h", "#define STEP 1\n", IN_PLACE);
    place_write(place, "game/nobody.h", "#define NOBODY 1\n", IN_PLACE);
    place_write(place, "game/other.c",
                "int other_thing(void);\nint other_thing(void)\n{\n"
                "    return 1;\n}\n",
                IN_PLACE);
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 5);
    place_write(place, "game/nobody.h", "#define NOBODY 2\n", IN_PLACE);
    place_write(place, "game/step.h", "#define STEP 10\n", IN_PLACE);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
}

static void a_new_folder_with_a_unit_is_built_in(Place *place)
{
    // Scenario: a sub-folder with a new unit and its header appears, then the game uses it, then
    // the unit changes.
    // Expect: each comes through; the state is kept.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    place_write(place, "game/rules/deep/step.h", "int rule_step(void);\n", IN_PLACE);
    place_write(place, "game/rules/deep/step.c",
                "#include \"step.h\"\nint rule_step(void)\n{\n    return 20;\n}\n", IN_PLACE);
    place_edit(place, SOURCE, "#ifndef STEP",
               "#include \"rules/deep/step.h\"\n#define STEP rule_step()\n#ifndef STEP", IN_PLACE);
    wait_for_step(session, 20);
    const char *text = session_wait_log(session, "count ");
    long long total = place_number(text, "count "), tick = place_number(text, "tick ");
    place_edit(place, "game/rules/deep/step.c", "return 20", "return 30", RENAMED);
    text = session_wait_log(session, "new code: step 30 ");
    assert_int_equal(place_number(text, "total "),
                     total + (place_number(text, "tick ") - tick - 1) * 20 + 30);
    session_quit(session);
}

static void odd_names_are_names_like_others(Place *place)
{
    // Scenario: folder and files with blanks, quotes, a dollar, an umlaut and a leading dash.
    // Expect: builds, runs, reloads; errors name the file.
    const char *folder = "my $HOME 'game' \xc3\xa4";
    const char *unit = place_text(place, "%s/the main; unit.c", folder);
    const char *dash = place_text(place, "%s/-o.c", folder);
    place_game(place, "counter.c", unit);
    place_write(place, dash, "int dash_thing = 1;\n", IN_PLACE);
    Session *session = SESSION_START(place, place_path(place, folder), "--headless", "--seed", "7");
    (void)session_wait(session, "reload");
    unit = place_text(place, "%s/the main; unit.c", folder);
    place_edit(place, unit, "#define STEP 1\n", "#define STEP 10\n", RENAMED);
    wait_for_step(session, 10);
    place_edit(place, unit, "/* more rules */", "oops;", IN_PLACE);
    const json_t *failed = session_wait(session, "build_failed");
    const json_t *first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_non_null(strstr(field_text(first, "file"), "the main; unit.c"));
    session_quit(session);
}

static void of_quick_saves_the_last_one_runs(Place *place)
{
    // Scenario: twelve saves a few milliseconds apart, each with another step.
    // Expect: the last one runs, and nothing comes after it.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    edit_step(place, 2, RENAMED);
    for (int step = 3; step <= 13; step++) {
        place_nap_ms(8);
        place_edit(place, SOURCE, place_text(place, "#define STEP %d\n", step - 1),
                   place_text(place, "#define STEP %d\n", step), RENAMED);
    }
    (void)session_wait_log(session, "new code: step 13 ");
    const char *text = session_wait_log(session, "count ");
    long long total = place_number(text, "count "), tick = place_number(text, "tick ");
    text = session_wait_tick(session, tick + 30);
    assert_int_equal(place_number(text, "count "),
                     total + (place_number(text, "tick ") - tick) * 13);
    session_quit(session);
    assert_int_equal(session_count(session, "build_failed"), 0);
}

static void a_save_during_a_build_wins(Place *place)
{
    // Scenario: the second save comes when the build of the first has been announced.
    // Expect: the second one runs, whatever became of the first.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    edit_step(place, 2, IN_PLACE);
    (void)session_wait(session, "build");
    place_edit(place, SOURCE, "#define STEP 2\n", "#define STEP 50\n", IN_PLACE);
    (void)session_wait_log(session, "new code: step 50 ");
    session_quit(session);
    assert_int_equal(session_count(session, "build_failed"), 0);
}

static void many_files_at_once_are_few_builds(Place *place)
{
    // Scenario: 200 units are written by one cp, as a checkout does; then the main one uses them.
    // Expect: everything comes in with a handful of builds, not hundreds.
    enum { UNITS = 200 };
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    for (int i = 0; i < UNITS; i++) {
        place_write(place, place_text(place, "units/unit%d.c", i),
                    place_text(place, "int unit%d = %d;\n", i, i), IN_PLACE);
    }
    const char *from = place_path(place, "units"), *to = place_path(place, "game/");
    assert_int_equal(PLACE_RUN(place, "cp", "-r", from, to)->exit_code, 0);
    place_edit(place, SOURCE, "#ifndef STEP",
               "extern int unit199;\n#define STEP unit199\n#ifndef STEP", IN_PLACE);
    wait_for_step(session, 199);
    session_quit(session);
    assert_true(session_count(session, "build") < 20);
    assert_int_equal(session_count(session, "build_failed"), 0);
}

static void a_failed_assert_stops_until_the_next_save(Place *place)
{
    // Scenario: an HL_ASSERT fails, a second and more after its build began; the source is put
    // right and saved. Expect: a fault with file, line and expression; no tick runs; the save goes
    // on from there.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    place_edit(place, SOURCE, "/* more rules */", "HL_ASSERT(t, g->count < 120);", IN_PLACE);
    const json_t *fault = session_wait(session, "fault");
    assert_string_equal(field_text(fault, "kind"), "game");
    assert_non_null(strstr(field_text(fault, "where"), "counter.c:24"));
    assert_non_null(strstr(field_text(fault, "text"), "g->count < 120"));
    const json_t *status = SESSION_TELL(session, "status");
    long long tick = field_number(status, "tick");
    assert_non_null(strstr(field_text(status, "fault"), "g->count < 120"));
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "tick"), tick);
    (void)SESSION_ASK(session, "step");
    assert_int_equal(session->reply_code, 1);
    place_edit(place, SOURCE, "HL_ASSERT(t, g->count < 120);", "/* fixed */", IN_PLACE);
    const json_t *reload = session_wait(session, "reload");
    assert_int_equal(field_number(reload, "tick"), tick + 1);
    assert_true(json_is_null(json_object_get(SESSION_TELL(session, "status"), "fault")));
    (void)session_wait_tick(session, tick + 10);
    session_quit(session);
    assert_int_equal(session_count(session, "fault"), 1);
}

static void ctl_pauses_steps_resumes_and_restarts(Place *place)
{
    // Scenario: pause, hash twice, step, step 7, restart, resume.
    // Expect: ticks stand still, go by one, by seven, back to none, and on.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    const json_t *reply = SESSION_TELL(session, "pause");
    long long tick = field_number(reply, "tick");
    assert_true(json_is_true(json_object_get(reply, "paused")));
    const char *hash = place_text(place, "%s", field_text(SESSION_TELL(session, "hash"), "hash"));
    assert_string_equal(field_text(SESSION_TELL(session, "hash"), "hash"), hash);
    assert_int_equal(field_number(SESSION_TELL(session, "step"), "tick"), tick + 1);
    assert_string_not_equal(field_text(SESSION_TELL(session, "hash"), "hash"), hash);
    assert_int_equal(field_number(SESSION_TELL(session, "step", "7"), "tick"), tick + 8);
    assert_int_equal(field_number(SESSION_TELL(session, "restart"), "tick"), 0);
    (void)session_wait(session, "restart");
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "tick"), 0);
    (void)SESSION_TELL(session, "resume");
    const char *text = session_wait_tick(session, 5);
    assert_int_equal(place_number(text, "count "), place_number(text, "tick "));
    session_quit(session);
}

static void a_paused_game_takes_a_build_without_a_tick(Place *place)
{
    // Scenario: paused, a new step is saved, then one step.
    // Expect: the reload is told at once, its first tick is still to come; the step runs it.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    long long tick = field_number(SESSION_TELL(session, "pause"), "tick");
    edit_step(place, 10, IN_PLACE);
    const json_t *reload = session_wait(session, "reload");
    assert_true(json_is_null(json_object_get(reload, "first_tick_ns")));
    assert_int_equal(field_number(reload, "tick"), tick);
    assert_int_equal(field_number(SESSION_TELL(session, "step"), "tick"), tick + 1);
    wait_for_step(session, 10);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
}

static void a_forced_reload_swaps_the_same_code(Place *place)
{
    // Scenario: ctl reload without any change.
    // Expect: the same code once more, with the state kept.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    (void)SESSION_TELL(session, "reload");
    assert_int_equal(field_number(session_wait(session, "reload"), "generation"), 2);
    wait_for_step(session, 1);
    session_quit(session);
}

static void another_tick_rate_holds_from_the_next_tick(Place *place)
{
    // Scenario: 60 ticks a second become 200.
    // Expect: dt changes, game time does not jump.
    Session *session = start_counter(place);
    place_edit(place, SOURCE, "/* more rules */",
               "if (t->reloaded) hl_log(t, \"time ok %d rate %d\", t->time * 60 > t->tick - 2.0 && "
               "t->time * 60 < t->tick + 0.1, (int)(1 / t->dt + 0.5f));",
               IN_PLACE);
    (void)session_wait_log(session, "time ok 1 rate 60");
    place_edit(place, SOURCE, ".id = \"counter\"", ".id = \"counter\", .tick_rate = 200", IN_PLACE);
    (void)session_wait_log(session, "time ok 1 rate 200");
    assert_int_equal(field_number(SESSION_TELL(session, "status"), "tick_rate"), 200);
    session_quit(session);
}

static void the_folder_gone_and_back_again(Place *place)
{
    // Scenario: the game's folder is removed while it runs, then made anew with another step.
    // Expect: the game plays on without it, and takes the new one.
    Session *session = start_counter(place);
    (void)session_wait_tick(session, 5);
    place_remove(place, "game");
    long long tick = field_number(SESSION_TELL(session, "status"), "tick");
    (void)session_wait_tick(session, tick + 30);
    place_game(place, "counter.c", SOURCE);
    edit_step(place, 10, RENAMED);
    (void)session_wait_log(session, "new code: step 10 ");
    session_quit(session);
}

static void build_walkers(Place *place, Session *session, int count)
{
    for (int i = 0; i < count; i++) {
        place_edit(place, "game/walker.c", place_text(place, "c, %d, 4, 8", 4 + i),
                   place_text(place, "c, %d, 4, 8", 5 + i), RENAMED);
        (void)session_wait(session, "reload");
    }
}

static void pointers_to_functions_and_literals_outlive_builds(Place *place)
{
    // Scenario: the walker keeps a function pointer and a literal in its state; 20 builds come. No
    // history is kept, whose moments may point into any of them.
    // Expect: it plays on; at most the build that the state points into and the newest stay
    // loaded.
    place_game(place, "walker.c", "game/walker.c");
    Session *session = SESSION_START(place, place->game, "--headless", "--history", "0");
    (void)session_wait(session, "reload");
    build_walkers(place, session, 20);
    long long images = 99;
    for (int i = 0; i < 2000 && images > 2; i++) { // they go when there is time
        images = field_number(SESSION_TELL(session, "status"), "images");
    }
    assert_true(images <= 2);
    session_quit(session);
}

static void moments_of_old_builds_can_be_played_on(Place *place)
{
    // Scenario: six builds come to the walker, each of which may be in the pointers of a moment;
    // then the first moment is shown and played on from.
    // Expect: the newest build plays the old state, whose function pointer is the first build's;
    // nothing faults.
    place_game(place, "walker.c", "game/walker.c");
    Session *session = session_start_game(place);
    build_walkers(place, session, 6);
    long long first = field_number(SESSION_TELL(session, "seek", "start"), "moment");
    (void)SESSION_TELL(session, "frame");
    (void)SESSION_TELL(session, "resume");
    assert_int_equal(field_number(session_wait(session, "branch"), "from"), first);
    while (field_number(SESSION_TELL(session, "status"), "moment") < first + 60) {
    }
    session_quit(session);
    assert_int_equal(session_count(session, "fault"), 0);
}

static void a_coroutine_in_the_state_is_refused(Place *place)
{
    // Scenario: a coroutine's stack lies in the state; a save.
    // Expect: refused, with the field and the function; the old code plays on; a restart takes it.
    place_write(place, SOURCE,
                "#include <hotloop.h>\n#include <ucontext.h>\n"
                "typedef struct G { int n, step; ucontext_t main, co; _Alignas(16) char "
                "stack[65536]; } G;\n"
                "static G *the;\n"
                "static void body(void) { for (;;) { the->step++; swapcontext(&the->co, "
                "&the->main); } }\n"
                "static void init(G *g, hl_tick *t) { (void)t; the = g; getcontext(&g->co); "
                "g->co.uc_stack.ss_sp = g->stack; g->co.uc_stack.ss_size = sizeof g->stack; "
                "g->co.uc_link = 0; makecontext(&g->co, body, 0); }\n"
                "static void update(G *g, hl_tick *t) { g->n++; the = g; swapcontext(&g->main, "
                "&g->co); hl_log(t, \"WAY1 %d %d\", g->n, g->step); }\n"
                "static void draw(const G *g, hl_canvas *c) { (void)g; (void)c; }\n"
                "HL_GAME(G, init, update, draw, .title = \"co\");\n",
                IN_PLACE);
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "WAY1 10 10");
    place_edit(place, SOURCE, "WAY1", "WAY2", RENAMED);
    const json_t *refused = session_wait(session, "refused");
    assert_non_null(strstr(field_text(refused, "reason"), "in the middle of"));
    assert_string_equal(field_text(refused, "kind"), "layout");
    (void)session_wait_log(session, "WAY1");
    (void)SESSION_TELL(session, "restart");
    (void)session_wait_log(session, "WAY2 5 5");
    session_quit(session);
}

static void structs_change_and_the_state_lives(Place *place)
{
    // Scenario: two fields of the state change places; a type of hl_new grows; a field gets another
    // name.
    // Expect: values stay with their names; what moved is said; the new name is said as a guess.
    place_write(
        place, SOURCE,
        "#include <hotloop.h>\n"
        "typedef struct Mob { int hp, armour; } Mob;\n"
        "typedef struct Game { int n, a, b; Mob *mobs; } Game;\n"
        "static void init(Game *g, hl_tick *t) { g->a = 1; g->b = 2; g->mobs = hl_new(t, Mob, "
        "9); ((int *)&g->mobs[3])[1] = 5; }\n"
        "static void update(Game *g, hl_tick *t) { g->n++; hl_log(t, \"a %d b %d n %d\", "
        "g->a, g->b, g->n); }\n"
        "static void draw(const Game *g, hl_canvas *c) { (void)g; (void)c; }\n"
        "HL_GAME(Game, init, update, draw, .title = \"layout\");\n",
        IN_PLACE);
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "a 1 b 2");
    place_edit(place, SOURCE, "int n, a, b;", "int n, b, a;", RENAMED);
    (void)session_wait(session, "reload");
    (void)session_wait_log(session, "a 1 b 2");
    place_edit(place, SOURCE, "int hp, armour;", "int hp, armour, speed;", RENAMED);
    (void)session_wait_field(session, "reload", "migrated", "Mob: +speed");
    (void)session_wait_log(session, "a 1 b 2");
    place_edit(place, SOURCE, "int hp, armour, speed;", "int hp, shield, speed;", RENAMED);
    session_wait_words(session, "armour is taken to be Mob.shield now");
    (void)session_wait_log(session, "a 1 b 2");
    session_quit(session);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest reload[] = {
        CASE(an_edit_keeps_the_state_and_runs_the_new_code),
        CASE(saved_in_pieces_while_it_stays_open),
        CASE(saved_over_the_old_bytes),
        CASE(saved_by_a_rename),
        CASE(saved_as_vim_does),
        CASE(saved_by_cp),
        CASE(saved_by_mv),
        CASE(saved_by_sed),
        CASE(half_a_source_then_the_rest),
        CASE(a_save_without_a_change_is_no_reload),
        CASE(an_error_is_named_and_its_fix_goes_on),
        CASE(a_misspelt_call_is_an_error_with_a_line),
        CASE(a_broken_first_build_waits_for_its_fix),
        CASE(an_empty_folder_waits_for_its_first_source),
        CASE(warnings_are_told_and_the_build_runs),
        CASE(a_state_of_another_size_plays_on),
        CASE(what_cannot_be_decided_waits_for_a_restart),
        CASE(what_is_taken_back_needs_no_restart),
        CASE(a_header_alone_rebuilds_who_includes_it),
        CASE(a_new_folder_with_a_unit_is_built_in),
        CASE(odd_names_are_names_like_others),
        CASE(of_quick_saves_the_last_one_runs),
        CASE(a_save_during_a_build_wins),
        CASE(many_files_at_once_are_few_builds),
        CASE(a_failed_assert_stops_until_the_next_save),
        CASE(ctl_pauses_steps_resumes_and_restarts),
        CASE(a_paused_game_takes_a_build_without_a_tick),
        CASE(a_forced_reload_swaps_the_same_code),
        CASE(another_tick_rate_holds_from_the_next_tick),
        CASE(the_folder_gone_and_back_again),
        CASE(pointers_to_functions_and_literals_outlive_builds),
        CASE(moments_of_old_builds_can_be_played_on),
        CASE(a_coroutine_in_the_state_is_refused),
        CASE(structs_change_and_the_state_lives),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(reload, NULL, NULL);
}
