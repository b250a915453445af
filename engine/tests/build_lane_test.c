// How a game is built: its own settings, once without a session, by somebody else's build, and what
// happens when that fails.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char SOURCE[] = "game/counter.c";

// ---------------------------------------------------------------------------------- hotloop build

static void built_once(Place *place)
{
    // Scenario: `hotloop build` with -o, its library run; then without, its path run; then again.
    // Expect: exit code 0, only the path on standard output, the game runs, nothing is compiled
    // twice.
    place_game(place, "counter.c", SOURCE);
    const char *library = place_path(place, "made.so");
    const Output *output =
        PLACE_HOTLOOP(place, "build", place->game, "-o", library, "--cflags", "-DSTEP=7");
    assert_int_equal(output->exit_code, 0);
    assert_string_equal(output->out, place_text(place, "%s\n", library));
    assert_non_null(strstr(output->err, "1 of 1 files compiled"));
    output = PLACE_HOTLOOP(place, "run", "--so", library, "--headless", "--fast", "--ticks", "5");
    assert_int_equal(output->exit_code, 0);
    assert_non_null(strstr(output->err, "count 35 tick 5"));
    output = PLACE_HOTLOOP(place, "build", place->game);
    assert_int_equal(output->exit_code, 0);
    char path[4096];
    (void)snprintf(path, sizeof(path), "%.*s", (int)strcspn(output->out, "\n"), output->out);
    output = PLACE_HOTLOOP(place, "run", "--so", path, "--headless", "--fast", "--ticks", "5");
    assert_non_null(strstr(output->err, "count 5 tick 5"));
    output = PLACE_HOTLOOP(place, "build", place->game);
    assert_int_equal(output->exit_code, 0);
    assert_non_null(strstr(output->err, "0 of 1 files compiled"));
}

static void built_once_with_errors(Place *place)
{
    // Scenario: `hotloop build` of a game with a mistake; of one with a warning; of no folder; with
    // a misspelt option; into a folder that is not there.
    // Expect: 1 with file, line and source line; 0 with the warning; 2; 2 and the nearest name; 1.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "    g->count = 0;\n", "    g->count = 0\n", IN_PLACE);
    const Output *output = PLACE_HOTLOOP(place, "build", place->game);
    assert_int_equal(output->exit_code, 1);
    assert_string_equal(output->out, "");
    assert_non_null(strstr(output->err, "game/counter.c:17:17: "));
    assert_non_null(strstr(output->err, "expected ';'"));
    assert_non_null(strstr(output->err, " g->count = 0\n"));
    place_edit(place, SOURCE, "    g->count = 0\n", "    int unused;\n    g->count = 0;\n",
               IN_PLACE);
    output = PLACE_HOTLOOP(place, "build", place->game);
    assert_int_equal(output->exit_code, 0);
    assert_non_null(strstr(output->err, "unused"));
    assert_int_equal(PLACE_HOTLOOP(place, "build", "no-such-folder")->exit_code, 2);
    output = PLACE_HOTLOOP(place, "build", place->game, "--cflag", "-O0");
    assert_int_equal(output->exit_code, 2);
    assert_non_null(strstr(output->err, "did you mean --cflags"));
    output = PLACE_HOTLOOP(place, "build", place->game, "-o", place_path(place, "no/where.so"));
    assert_int_equal(output->exit_code, 1);
    assert_non_null(strstr(output->err, "no/where.so"));
}

// ----------------------------------------------------------------------------------- hotloop.conf

static void settings_are_saved_while_it_runs(Place *place)
{
    // Scenario: hotloop.conf appears beside the sources of a running game; is changed; gets a
    // misspelt key; is mended.
    // Expect: each good one is the next build; the mistake is told with file, line and column.
    place_game(place, "counter.c", SOURCE);
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 5);
    place_write(place, "game/hotloop.conf", "define = STEP=3\n", RENAMED);
    (void)session_wait_log(session, "new code: step 3 ");
    place_write(place, "game/hotloop.conf", "# more\ndefine = STEP=4\n", IN_PLACE);
    (void)session_wait_log(session, "new code: step 4 ");
    place_write(place, "game/hotloop.conf", "# more\n  defne = STEP=5\n", WITH_BACKUP);
    const json_t *failed = session_wait(session, "build_failed");
    const json_t *first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_non_null(strstr(field_text(first, "file"), "game/hotloop.conf"));
    assert_int_equal(field_number(first, "line"), 2);
    assert_int_equal(field_number(first, "column"), 3);
    assert_non_null(strstr(field_text(first, "text"), "did you mean define"));
    (void)session_wait_log(session, "count "); // the game plays on
    place_write(place, "game/hotloop.conf", "define = STEP=5\n", IN_PLACE);
    (void)session_wait_log(session, "new code: step 5 ");
    session_quit(session);
}

// -------------------------------------------------------------------------------------- --on-error

static void wait_for_text(Place *place, const char *name, const char *text)
{
    for (int ms = 0;; ms += 5) {
        char *all = place_exists(place, name) ? place_read(place, name, NULL) : NULL;
        bool found = all && strstr(all, text);
        if (!found && ms > PLACE_CAP_MS) {
            print_message("%s: %s\n", name, all ? all : "not there");
        }
        free(all);
        if (found) {
            return;
        }
        assert_true(ms <= PLACE_CAP_MS);
        place_nap_ms(5);
    }
}

static void an_error_opens_the_editor(Place *place)
{
    // Scenario: a game in a folder with blanks and shell characters in its name runs with an
    // --on-error whose command is a script that writes down its words; a mistake is saved, then
    // another one.
    // Expect: one call for each failed build with the words as they are: file, line, column and
    // text are one word each, and no shell has read them.
    static const char SCRIPT[] = "#!/bin/sh\nfor w; do echo \"<$w>\" >> \"$0.log\"; done\n"
                                 "echo end >> \"$0.log\"\n";
    static const char FOLDER[] = "a $(touch oops); 'game'";
    place_write(place, "editor", SCRIPT, IN_PLACE);
    assert_int_equal(chmod(place_path(place, "editor"), 0755), 0);
    const char *source = place_text(place, "%s/counter.c", FOLDER);
    place_game(place, "counter.c", source);
    Session *session = SESSION_START(
        place, place_path(place, FOLDER), "--headless", "--on-error",
        place_text(place, "%s -g {file}:{line}:{column}  {text} {x}", place_path(place, "editor")));
    (void)session_wait_tick(session, 5);
    place_edit(place, source, "#define STEP 1\n", "#define STEP ;\n", IN_PLACE);
    (void)session_wait(session, "build_failed");
    wait_for_text(place, "editor.log", "end\n");
    char *log = place_read(place, "editor.log", NULL);
    assert_ptr_equal(strstr(log, "<-g>\n<"), log);
    assert_non_null(strstr(log, place_text(place, "/%s/counter.c:", FOLDER)));
    assert_non_null(strstr(log, "expected expression before ';' token>\n<{x}>\nend\n"));
    assert_null(strstr(strstr(log, "end\n") + 1, "end\n"));
    free(log);
    assert_false(place_exists(place, "oops"));
    place_edit(place, source, "#define STEP ;\n", "#define STEP 1\n", IN_PLACE);
    (void)session_wait(session, "unchanged");
    place_edit(place, source, "#define STEP 1\n", "#define STEP )\n", IN_PLACE);
    wait_for_text(place, "editor.log", "before ')' token>\n<{x}>\nend\n");
    session_quit(session);
}

static void an_editor_that_is_not_there(Place *place)
{
    // Scenario: --on-error names a program that is not there.
    // Expect: that is said, and the session goes on.
    place_game(place, "counter.c", SOURCE);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--on-error", "no-such-editor {file}");
    (void)session_wait_tick(session, 5);
    place_edit(place, SOURCE, "#define STEP 1\n", "#define STEP ;\n", IN_PLACE);
    session_wait_words(session, "no-such-editor");
    place_edit(place, SOURCE, "#define STEP ;\n", "#define STEP 2\n", IN_PLACE);
    (void)session_wait_log(session, "new code: step 2 ");
    session_quit(session);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(built_once),
        CASE(built_once_with_errors),
        CASE(settings_are_saved_while_it_runs),
        CASE(an_error_opens_the_editor),
        CASE(an_editor_that_is_not_there),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests_name("build_lane", tests, NULL, NULL);
}
