// Debuggers: gdb that starts a session or attaches to one, through reloads and crashes; valgrind.
// Whoever uses them wants to see the crash himself and to take his time, so the guards stand back.
#include "session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char SOURCE[] = "game/debugged.c";

// The game with another STEP, to be moved over it from a script of gdb.
static void prepare_build(Place *place, const char *name, int step)
{
    place_game(place, "debugged.c", name);
    place_edit(place, name, "#define STEP 1\n", place_text(place, "#define STEP %d\n", step),
               IN_PLACE);
}

static void prepare(Place *place)
{
    if (!place_has_program("gdb")) {
        skip();
    }
    place_set(place, "DEBUGINFOD_URLS", NULL);
    // Leaks are looked for by a thread that traces the others, which a debugger does already.
    place_set(place, "ASAN_OPTIONS", "detect_leaks=0");
    place_game(place, "debugged.c", SOURCE);
    prepare_build(place, "ten.c", 10);
    prepare_build(place, "crash.c", 66);
}

static int line_of(Place *place, const char *name, const char *part)
{
    char *text = place_read(place, name, NULL), *at = strstr(text, part);
    assert_non_null(at);
    int line = 1;
    for (const char *c = text; c < at; c++) {
        line += *c == '\n';
    }
    free(text);
    return line;
}

// gdb with a script to its end; what it printed. `words` say what to debug.
static const char *run_gdb(Place *place, const char *script, const char *const *words)
{
    const char *all[PLACE_WORDS_MAX] = {"gdb", "-nx", "-batch", "-x",
                                        place_path(place, "script.gdb")};
    for (size_t i = 0; words[i]; i++) {
        all[5 + i] = words[i];
    }
    place_write(
        place, "script.gdb",
        place_text(place, "set confirm off\nset width 0\nset breakpoint pending on\n%s", script),
        IN_PLACE);
    const Output *said = place_run(place, all);
    if (strstr(said->err, "ptrace: Operation not permitted")
        || strstr(said->err, "Could not trace the inferior process")) {
        skip(); // this machine lets nobody trace
    }
    return said->out;
}

static const char *start_by_gdb(Place *place, const char *script)
{
    const char *const words[] = {"--args", HOTLOOP,  "run", "game",     "--headless", "--seed",
                                 "1",      "--hang", "100", "--events", "ev",         NULL};
    return run_gdb(place, script, words);
}

static const char *attach_gdb(Session *session, const char *script)
{
    char pid[16];
    (void)snprintf(pid, sizeof(pid), "%d", (int)session->game_pid);
    const char *const words[] = {"-p", pid, NULL};
    return run_gdb(session->place, script, words);
}

// Fails with all of `text` when the parts do not come one after the other.
static void assert_in_order(const char *text, const char *const *parts)
{
    const char *at = text;
    for (size_t i = 0; parts[i]; i++) {
        const char *found = strstr(at, parts[i]);
        if (!found) {
            print_error("no \"%s\" where it should be in:\n%s\n", parts[i], text);
            fail();
        }
        at = found + strlen(parts[i]);
    }
}
#define ASSERT_IN_ORDER(text, ...) assert_in_order((text), (const char *const[]){__VA_ARGS__, NULL})

// The library that "in section .text of PATH" names behind `from`.
static const char *library_behind(Place *place, const char *from)
{
    static const char BEFORE[] = "in section .text of ";
    const char *at = strstr(from, BEFORE);
    assert_non_null(at);
    at += strlen(BEFORE);
    return place_text(place, "%.*s", (int)strcspn(at, "\n"), at);
}

// Sets two breakpoints by file and line: the first is hit in the build that plays, the second one
// only in the next, whose source is put in place in between.
static const char *script_through_a_reload(Place *place, const char *run, const char *end)
{
    int line = line_of(place, SOURCE, "// stop here");
    return place_text(place,
                      "break debugged.c:%d\n"
                      "break debugged.c:%d if step == 10\n"
                      "%s\n"
                      "echo FIRST\\n\n"
                      "bt\n"
                      "printf \"before %%lld step %%d count %%lld\\n\", before, step, g->count\n"
                      "info symbol $pc\n"
                      "info proc\n"
                      "delete 1\n"
                      "shell mv ten.c game/debugged.c\n"
                      "continue\n"
                      "echo SECOND\\n\n"
                      "bt\n"
                      "printf \"more %%lld step %%d\\n\", g->count - before, step\n"
                      "info symbol $pc\n"
                      "delete\n"
                      "%s\n",
                      line, line, run, end);
}

static void assert_seen_through_a_reload(Place *place, const char *out)
{
    ASSERT_IN_ORDER(out, "FIRST", "add (", "debugged.c:", "update (", "hl_thunk_update",
                    "call_on_stack", "guard_run", "live_tick", "app_run", "main", "before 1",
                    "step 1 count 1");
    const char *second = strstr(out, "SECOND");
    ASSERT_IN_ORDER(second, "add (", "call_on_stack", "live_tick", "main", "more 10 step 10");
    const char *before = library_behind(place, out), *after = library_behind(place, second);
    assert_non_null(strstr(before, ".so"));
    assert_string_not_equal(before, after);
}

static void gdb_starts_a_session(Place *place)
{
    // Scenario: `gdb --args hotloop run`; breakpoints by line before the game is built; it is
    // looked at, and changed while it stands; in the new code the other breakpoint is hit.
    // Expect: calls up to main, arguments and variables can be read; one process, which says that
    // gdb is there; nothing counts as a hang; it ends in its own time with 0.
    prepare(place);
    const char *out = start_by_gdb(place, script_through_a_reload(place, "run", "continue"));
    assert_seen_through_a_reload(place, out);
    ASSERT_IN_ORDER(out, "SECOND", "exited normally");
    assert_non_null(strstr(place->output->err, "traced by gdb"));
    assert_non_null(strstr(place->output->err, "gdb (process"));
    char *events = place_read(place, "ev", NULL);
    assert_null(strstr(events, "\"event\":\"fault\""));
    assert_non_null(strstr(events, "\"event\":\"quit\""));
    // What gdb calls its process is the one that plays.
    long long pid = place_number(events, "\"pid\":");
    free(events);
    ASSERT_IN_ORDER(out, place_text(place, "process %lld\n", pid), "SECOND");
}

static void gdb_attaches_to_a_session(Place *place)
{
    // Scenario: the same attached to the process that plays; gdb lets go of it; then a build that
    // crashes is saved.
    // Expect: the same; once gdb is gone, the session says that too, and contains the crash.
    prepare(place);
    Session *session = SESSION_START(place, place->game, "--headless", "--hang", "100");
    (void)session_wait_log(session, "from 105");
    place_edit(place, "ten.c", "hl_quit(t);", "", IN_PLACE);
    const char *out = attach_gdb(session, script_through_a_reload(place, "continue", "detach"));
    assert_seen_through_a_reload(place, out);
    long long tick = field_number(SESSION_TELL(session, "status"), "tick");
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "step", "5");
    assert_true(field_number(SESSION_TELL(session, "status"), "tick") >= tick + 5);
    (void)SESSION_TELL(session, "resume");
    assert_int_equal(session_count(session, "fault"), 0);
    if (strstr(session_errors(session), "is attached")) {
        session_wait_words(session, "no debugger any more");
    }
    place_edit(place, SOURCE, "#define STEP 10\n", "#define STEP 66\n", RENAMED);
    const json_t *fault = session_wait(session, "fault");
    assert_non_null(strstr(field_text(fault, "where"), "debugged.c:"));
    assert_int_equal(session_count(session, "resumed"), 0);
    session_quit(session);
}

static void a_crash_stops_gdb_at_its_line(Place *place)
{
    // Scenario: a session that gdb has started gets a build that writes to a null pointer; gdb goes
    // on from there.
    // Expect: gdb stops at that line, and what the tick has done is there to be seen. Going on runs
    // the line again, without a handler; nothing was contained.
    prepare(place);
    const char *out = start_by_gdb(place, place_text(place,
                                                     "break debugged.c:%d\n"
                                                     "run\n"
                                                     "delete\n"
                                                     "shell mv crash.c game/debugged.c\n"
                                                     "continue\n"
                                                     "bt\n"
                                                     "printf \"more %%lld\\n\", g->count - was\n"
                                                     "continue\n"
                                                     "kill\n",
                                                     line_of(place, SOURCE, "// stop here")));
    const char *where =
        place_text(place, "debugged.c:%d\n", line_of(place, "game/debugged.c", "// crash here"));
    ASSERT_IN_ORDER(out, "received signal SIGSEGV", where, "#0 ", "update (", "call_on_stack",
                    "main", "more 66", "received signal SIGSEGV", where, "killed");
    char *events = place_read(place, "ev", NULL);
    assert_null(strstr(events, "\"event\":\"fault\""));
    free(events);
}

static void a_crash_stops_gdb_that_attached(Place *place)
{
    // Scenario: gdb is attached; a build crashes; gdb lets go of the process there.
    // Expect: gdb stops at that line; once it is gone the crash is contained again, like any other.
    prepare(place);
    Session *session = SESSION_START(place, place->game, "--headless");
    (void)session_wait_log(session, "from 105");
    const char *out = attach_gdb(session, "break guard_stand_back\n" // it has seen who attached
                                          "continue\n"
                                          "finish\n"
                                          "delete\n"
                                          "shell mv crash.c game/debugged.c\n"
                                          "continue\n"
                                          "bt\n"
                                          "detach\n");
    const char *where =
        place_text(place, "debugged.c:%d\n", line_of(place, "game/debugged.c", "// crash here"));
    ASSERT_IN_ORDER(out, "received signal SIGSEGV", where, "#0 ", "call_on_stack", "main",
                    "detached");
    const json_t *fault = session_wait(session, "fault");
    assert_string_equal(field_text(fault, "kind"), "crash");
    (void)SESSION_TELL(session, "status");
    session_quit(session);
    assert_int_equal(session_count(session, "resumed"), 0);
}

static void the_watchdog_waits_for_gdb(Place *place)
{
    // Scenario: a call stands in a breakpoint, and only the watchdog's thread runs, for as long as
    // it takes to give up on a call; then all goes on.
    // Expect: it does nothing about it.
    prepare(place);
    const char *out = start_by_gdb(
        place, place_text(place,
                          "break debugged.c:%d\n"
                          "run\n"
                          "delete\n"
                          "shell mv ten.c game/debugged.c\n"
                          "set scheduler-locking on\n"
                          "python [t.switch() for t in gdb.selected_inferior().threads() "
                          "if t.name == 'hotloop guard']\n"
                          "break guard_watch.c:%d\n"
                          "ignore 2 250\n" // looks, one in 12 ms: it gives up after 2.1 s
                          "continue\n"
                          "bt\n"
                          "delete\n"
                          "thread 1\n"
                          "set scheduler-locking off\n"
                          "continue\n",
                          line_of(place, SOURCE, "// stop here"),
                          line_of(place, TEST_SOURCE_DIR "/engine/guard/guard_watch.c",
                                  "act(guard, hung_ns);")));
    ASSERT_IN_ORDER(out, "hotloop guard", "watch (with=", "exited normally");
    char *events = place_read(place, "ev", NULL);
    assert_null(strstr(events, "\"event\":\"fault\""));
    free(events);
}

static void the_script_for_gdb(Place *place)
{
    // Scenario: tools/gdbinit; a stop inside the runtime; its commands, before and during a call;
    // steps through the game's lines, one of which calls the runtime.
    // Expect: no error; the game's call is found, its library listed, steps stay in the game.
    prepare(place);
    const char *out = start_by_gdb(place, place_text(place,
                                                     "source " TEST_SOURCE_DIR "/tools/gdbinit\n"
                                                     "in-game\n"
                                                     "break hl_log\n"
                                                     "run\n"
                                                     "echo STOPPED\\n\n"
                                                     "in-game\n"
                                                     "generations\n"
                                                     "delete\n"
                                                     "tbreak debugged.c:%d\n"
                                                     "continue\n"
                                                     "echo STEPS\\n\n"
                                                     "step\n"
                                                     "step\n"
                                                     "frame\n"
                                                     "kill\n",
                                                     line_of(place, SOURCE, "// stop here")));
    ASSERT_IN_ORDER(out, "No call of the game", "hl_log (", "STOPPED", "add (", "debugged.c", ".so",
                    "STEPS", "debugged.c");
    assert_null(strstr(strstr(out, "STEPS"), "hl_log (t"));
    assert_null(strstr(place->output->err, "Error in sourced command file"));
}

// Valgrind runs no program that a sanitizer is part of.
static bool is_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true;
#else
    return false;
#endif
}

static void valgrind_sees_what_the_game_does(Place *place)
{
    // Scenario: a short run under valgrind; the game decides by memory that it never wrote.
    // Expect: the run comes to its end with the hash that it has without; the session says that
    // nothing is contained; valgrind names the game's line.
    if (!place_has_program("valgrind") || is_sanitized()) {
        skip();
    }
    place_game(place, "debugged.c", SOURCE);
    place_edit(place, SOURCE, "    g->count += step;\n",
               "    int64_t *unset = malloc(8);\n"
               "    if (*unset == 12345) { g->count++; } // unset here\n"
               "    free(unset);\n"
               "    g->count += step;\n",
               IN_PLACE);
    place_edit(place, SOURCE, "#include \"hotloop.h\"\n",
               "#include \"hotloop.h\"\n#include <stdlib.h>\n", IN_PLACE);
    const char *line =
        place_text(place, "(debugged.c:%d)", line_of(place, SOURCE, "// unset here"));
    const Output *said = PLACE_RUN(place, HOTLOOP, "run", "game", "--headless", "--seed", "1",
                                   "--fast", "--ticks", "20");
    assert_int_equal(said->exit_code, 0);
    const char *hash = place_text(place, "%s", said->out);
    assert_non_null(strstr(hash, "after 20 ticks"));
    said = PLACE_RUN(place, "valgrind", "-q", HOTLOOP, "run", "game", "--headless", "--seed", "1",
                     "--fast", "--ticks", "20");
    assert_int_equal(said->exit_code, 0);
    assert_string_equal(said->out, hash);
    assert_non_null(strstr(said->err, "valgrind is attached"));
    assert_non_null(strstr(said->err, line));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(gdb_starts_a_session),
        CASE(gdb_attaches_to_a_session),
        CASE(a_crash_stops_gdb_at_its_line),
        CASE(a_crash_stops_gdb_that_attached),
        CASE(the_watchdog_waits_for_gdb),
        CASE(the_script_for_gdb),
        CASE(valgrind_sees_what_the_game_does),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
