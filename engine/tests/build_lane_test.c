// How a game is built: its own settings, once without a session, by somebody else's build, and what
// happens when that fails.
#include "session.h"

#include <fcntl.h>
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
    assert_non_null(strstr(output->err, " g->count = 0\nhotloop:                   ^\n"));
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

// It ends soon; nobody may have collected it yet.
static bool is_gone(Place *place, pid_t pid)
{
    for (int ms = 0; ms < PLACE_CAP_MS; ms += 5) {
        const char *path = place_text(place, "/proc/%d/stat", (int)pid);
        if (kill(pid, 0) != 0 || !place_exists(place, path)) {
            return true;
        }
        FILE *file = fopen(path, "r");
        char state[512] = "";
        bool is_there = file && fgets(state, sizeof(state), file);
        if (file) {
            (void)fclose(file);
        }
        if (!is_there || strstr(state, ") Z ")) {
            return true;
        }
        place_nap_ms(5);
    }
    return false;
}

// ----------------------------------------------------------------------------------------- --build

static const char MAKEFILE[] = "all: out.so\n"
                               "out.so: counter.c made.h\n"
                               "\tcc -shared -fPIC -g -Wall -I$(HOTLOOP_API) counter.c -o out.so\n"
                               "made.h: made.in\n"
                               "\tcp made.in made.h\n";

static Session *start_make(Place *place, const char *command)
{
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "#include \"hotloop.h\"\n",
               "#include \"hotloop.h\"\n#include \"made.h\"\n", IN_PLACE);
    place_write(place, "game/made.in", "#define MADE 1\n", IN_PLACE);
    place_write(place, "game/Makefile", MAKEFILE, IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--build", command, "--so",
                                     place_path(place, "game/out.so"), "--headless");
    (void)session_wait_tick(session, 5);
    return session;
}

static void a_makefile_of_the_games_own(Place *place)
{
    // Scenario: a game with a Makefile that also makes a header; a source is saved, then a file
    // that the header is made from, then a mistake, one in the Makefile, then both are mended.
    // Expect: the first build makes the library; each good save is one reload of one build,
    // although make writes into the folder that is watched; errors are named as the game's author
    // knows them.
    Session *session = start_make(place, place_text(place, "make -C %s", place->game));
    place_edit(place, SOURCE, "#define STEP 1\n", "#define STEP 3\n", IN_PLACE);
    (void)session_wait_log(session, "new code: step 3 ");
    place_edit(place, SOURCE, "#define STEP 3\n", "#define STEP MADE + 3\n", RENAMED);
    (void)session_wait_log(session, "new code: step 4 ");
    place_write(place, "game/made.in", "#define MADE 6\n", WITH_BACKUP);
    (void)session_wait_log(session, "new code: step 9 ");
    place_edit(place, SOURCE, "    g->count = 0;\n", "    g->count = 0\n", IN_PLACE);
    const json_t *failed = session_wait(session, "build_failed");
    const json_t *first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_non_null(strstr(field_text(first, "file"), "game/counter.c"));
    assert_int_equal(field_number(first, "line"), 18);
    assert_non_null(strstr(field_text(first, "text"), "expected ';'"));
    place_edit(place, SOURCE, "    g->count = 0\n", "    int unused;\n    g->count = 0;\n",
               IN_PLACE);
    assert_non_null(json_object_get(session_wait(session, "warnings"), "diagnostics"));
    place_write(place, "game/Makefile", "nonsense here\n", IN_PLACE);
    failed = session_wait(session, "build_failed");
    first = json_array_get(json_object_get(failed, "diagnostics"), 0);
    assert_non_null(strstr(field_text(first, "file"), "game/Makefile"));
    assert_int_equal(field_number(first, "line"), 1);
    place_write(place, "game/Makefile", MAKEFILE, IN_PLACE);
    (void)session_wait(session, "unchanged");
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 5);
    assert_int_equal(session_count(session, "build_failed"), 2);
}

static void a_save_stops_the_command_that_runs(Place *place)
{
    // Scenario: while the command sleeps in a child of a child, a newer source is saved; the one of
    // that run is without the sleep.
    // Expect: the whole group is stopped, the newest source runs.
    static const char SCRIPT[] =
        "cd \"$(dirname $0)\" || exit 1\n"
        "if grep -q 'STEP 2' game/counter.c; then\n"
        "    (sleep 1000 & echo $! > sleeping.part; mv sleeping.part sleeping;"
        " wait)\n"
        "fi\n"
        "exec make -s -C game\n";
    place_write(place, "build.sh", SCRIPT, IN_PLACE);
    Session *session = start_make(place, place_text(place, "sh %s", place_path(place, "build.sh")));
    place_edit(place, SOURCE, "#define STEP 1\n", "#define STEP 2\n", IN_PLACE);
    wait_for_text(place, "sleeping", "\n");
    place_edit(place, SOURCE, "#define STEP 2\n", "#define STEP 3\n", IN_PLACE);
    (void)session_wait_log(session, "new code: step 3 ");
    char *pid = place_read(place, "sleeping", NULL);
    assert_true(is_gone(place, (pid_t)atoi(pid)));
    free(pid);
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 2);
}

static void a_command_that_fails_otherwise(Place *place)
{
    // Scenario: --build without --so; with a command that is not there; with one that makes
    // nothing. Expect: wrong usage; an error with its words; an error that names the library.
    place_game(place, "counter.c", SOURCE);
    const char *library = place_path(place, "game/out.so");
    const Output *output = PLACE_HOTLOOP(place, "run", place->game, "--build", "make");
    assert_int_equal(output->exit_code, 2);
    assert_non_null(strstr(output->err, "--so PATH"));
    output = PLACE_HOTLOOP(place, "run", place->game, "--build", "no-such-tool all", "--so",
                           library, "--headless", "--ticks", "5");
    assert_int_equal(output->exit_code, 1);
    assert_non_null(strstr(output->err, "exit code 127"));
    assert_non_null(strstr(output->err, "no-such-tool"));
    output = PLACE_HOTLOOP(place, "run", place->game, "--build", "true", "--so", library,
                           "--headless", "--ticks", "5");
    assert_int_equal(output->exit_code, 1);
    assert_non_null(strstr(output->err, "game/out.so"));
}

// ------------------------------------------------------------------------------------------- CMake

// Every word of hotloop's own command but paths, and those about how messages look.
static void assert_same_flags(const char *command, const char *cmake_commands)
{
    char words[4096];
    (void)snprintf(words, sizeof(words), "%.*s", (int)strcspn(command, "\n"), command);
    int compared = 0;
    for (char *word = strtok(words, " "); word; word = strtok(NULL, " ")) {
        bool is_about_messages = strstr(word, "diagnostics") || strstr(word, "max-errors")
                                 || strstr(word, "error-limit");
        if (word[0] == '-' && strncmp(word, "-I", 2) != 0 && !is_about_messages) {
            if (!strstr(cmake_commands, word)) {
                print_message("CMake does not have %s\n", word);
            }
            assert_non_null(strstr(cmake_commands, word));
            compared++;
        }
    }
    assert_true(compared > 8);
}

static void a_game_of_cmakes(Place *place)
{
    // Scenario: a CMake project with hl_add_game, in a folder with a blank in its name, run with
    // --build; then a source is saved.
    // Expect: the flags are those of hotloop's own command; the library runs, the save is a reload.
    if (!place_has_program("cmake")) {
        skip();
    }
    place_game(place, "counter.c", "my game/counter.c");
    place_write(place, "my game/CMakeLists.txt",
                "cmake_minimum_required(VERSION 3.22)\nproject(mine C)\n"
                "set(CMAKE_EXPORT_COMPILE_COMMANDS ON)\n"
                "include(" API_DIR "/hotloop.cmake)\nhl_add_game(mine counter.c)\n",
                IN_PLACE);
    const char *folder = place_path(place, "my game"), *build = place_path(place, "my game/out");
    const char *command =
        place_text(place, "test -d '%s' || cmake -S '%s' -B '%s' && cmake --build '%s'", build,
                   folder, build, build);
    Session *session = SESSION_START(place, folder, "--build", command, "--so",
                                     place_text(place, "%s/mine.so", build), "--headless");
    (void)session_wait_tick(session, 5);
    place_edit(place, "my game/counter.c", "#define STEP 1\n", "#define STEP 8\n", RENAMED);
    (void)session_wait_log(session, "new code: step 8 ");
    session_quit(session);
    session = SESSION_START(place, folder, "--headless");
    session_wait_words(session, "sources are built with ");
    char *commands = place_read(place, "my game/out/compile_commands.json", NULL);
    assert_same_flags(strstr(session_errors(session), "sources are built with "), commands);
    free(commands);
    session_quit(session);
}

// ---------------------------------------------------------------------------------------- FAULTS B

static void the_clock_is_wrong(Place *place)
{
    // Scenario: B34, sources and headers come with times of the year 1980 and of 2037 (another
    // machine's clock, an archive), each with another content; one is touched only.
    // Expect: each new content is built, the touched one is not.
    place_game(place, "counter.c", SOURCE);
    place_edit(place, SOURCE, "#define STEP 1\n", "#include \"step.h\"\n", IN_PLACE);
    place_write(place, "game/step.h", "#define STEP 1\n", IN_PLACE);
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 5);
    static const char *const TIMES[] = {"1980-01-01", "2037-01-01", "1981-01-01"};
    for (int i = 0; i < 3; i++) {
        place_write(place, "new.h", place_text(place, "#define STEP %d\n", i + 2), IN_PLACE);
        assert_int_equal(
            PLACE_RUN(place, "touch", "-d", TIMES[i], place_path(place, "new.h"))->exit_code, 0);
        assert_int_equal(
            PLACE_RUN(place, "mv", place_path(place, "new.h"), place_path(place, "game/step.h"))
                ->exit_code,
            0);
        (void)session_wait_log(session, place_text(place, "new code: step %d ", i + 2));
    }
    assert_int_equal(
        PLACE_RUN(place, "touch", "-d", TIMES[1], place_path(place, "game/step.h"))->exit_code, 0);
    (void)session_wait(session, "unchanged");
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 4);
}

static void going_back_to_older_text(Place *place)
{
    // Scenario: a step of 1 becomes 2, then 1 again, then 2 again.
    // Expect: each is a reload, and from the second time on nothing is compiled for it.
    place_game(place, "counter.c", SOURCE);
    Session *session = session_start_game(place);
    (void)session_wait_tick(session, 5);
    for (int i = 0; i < 2; i++) {
        place_edit(place, SOURCE, "#define STEP 1\n", "#define STEP 2\n", IN_PLACE);
        (void)session_wait_log(session, "new code: step 2 ");
        place_edit(place, SOURCE, "#define STEP 2\n", "#define STEP 1\n", RENAMED);
        (void)session_wait_log(session, "new code: step 1 ");
    }
    session_quit(session);
    assert_int_equal(session_count(session, "reload"), 5);
}

static void a_compiler_that_hangs(Place *place)
{
    // Scenario: B24 and B25, the compiler of hotloop.conf hangs with a child; the line that names
    // it is taken out and saved. Expect: it is stopped with its child at once, and the game runs.
    static const char SCRIPT[] =
        "#!/bin/sh\ncase \"$*\" in *counter.c*) sleep 1000 & echo $! > \"$0.pid\"; wait;; esac\n"
        "exec " COMPILER " \"$@\"\n";
    place_game(place, "counter.c", SOURCE);
    place_write(place, "cc", SCRIPT, IN_PLACE);
    assert_int_equal(chmod(place_path(place, "cc"), 0755), 0);
    place_write(place, "game/hotloop.conf", "cc = ../cc\n", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--headless");
    wait_for_text(place, "cc.pid", "\n");
    place_write(place, "game/hotloop.conf", "define = STEP=4\n", IN_PLACE);
    (void)session_wait_log(session, "count ");
    char *pid = place_read(place, "cc.pid", NULL);
    assert_true(is_gone(place, (pid_t)atoi(pid)));
    free(pid);
    session_quit(session);
}

static void a_source_that_is_still_being_written_is_waited_for(Place *place)
{
    // Scenario: half a source is written and the file stays open; a build is asked for meanwhile;
    // then the other half is written, and the file closed. Expect: no build fails of the half; the
    // whole one plays.
    place_game(place, "counter.c", SOURCE);
    Session *session = session_start_game(place);
    place_edit(place, SOURCE, "#define STEP 1\n", "#define STEP 10\n", RENAMED);
    (void)session_wait_log(session, "new code: step 10 ");
    char *text = place_read(place, SOURCE, NULL);
    size_t half = strlen(text) / 2, left = strlen(text) - half;
    char *step = strstr(text, "STEP 10");
    assert_non_null(step);
    step[5] = '7';
    int fd = open(place_path(place, SOURCE), O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, half), (ssize_t)half);
    (void)SESSION_TELL(session, "reload");
    place_nap_ms(300);
    assert_int_equal(write(fd, text + half, left), (ssize_t)left);
    close(fd);
    (void)session_wait_log(session, "new code: step 70 ");
    assert_int_equal(session_count(session, "build_failed"), 0);
    free(text);
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
        CASE(a_makefile_of_the_games_own),
        CASE(a_save_stops_the_command_that_runs),
        CASE(a_command_that_fails_otherwise),
        CASE(a_game_of_cmakes),
        CASE(the_clock_is_wrong),
        CASE(going_back_to_older_text),
        CASE(a_compiler_that_hangs),
        CASE(a_source_that_is_still_being_written_is_waited_for),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests_name("build_lane", tests, NULL, NULL);
}
