#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "build.h"
#include "build_internal.h"
#include "build_jobs.h"
#include "build_link.h"
#include "file_testing.h"

// Only a hang reaches it.
#define CAP_NS (20 * NS_PER_S)

typedef struct Place {
    char folder[256];
    Build *build;
    BuildReport report;
} Place;

static const char *in_place(const Place *place, const char *name)
{
    return folder_path(place->folder, name);
}

static void write_text(const Place *place, const char *name, const char *text)
{
    folder_write(in_place(place, name), text, strlen(text));
}

static int setup(void **state)
{
    Place *place = test_calloc(1, sizeof(Place));
    (void)text_format(place->folder, sizeof(place->folder), "/tmp/build_test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_int_equal(mkdir(in_place(place, "game"), 0755), 0);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    Place *place = *state;
    build_close(place->build);
    int result = folder_remove(place->folder);
    test_free(place);
    return result;
}

static Build *open_build(const Place *place, const char *compiler, const char *flags,
                         const char *stub)
{
    Fault fault;
    char game[FILE_PATH_MAX], work[FILE_PATH_MAX];
    (void)text_format(game, sizeof(game), "%s", in_place(place, "game"));
    (void)text_format(work, sizeof(work), "%s", in_place(place, "work"));
    BuildConfig config = {.game_folder = game,
                          .api_folder = TEST_SOURCE_DIR "/engine/api",
                          .stub_path = stub,
                          .work_folder = work,
                          .compiler = compiler,
                          .flags = flags};
    Build *build = build_open(&config, &fault);
    assert_non_null(build);
    return build;
}

static void run(Place *place)
{
    assert_true(build_run(place->build, -1, &place->report));
}

static void run_ok(Place *place)
{
    run(place);
    if (!place->report.ok) {
        print_message("%s: %s\n", place->report.diagnostics[0].file,
                      place->report.diagnostics[0].text);
    }
    assert_true(place->report.ok);
    assert_int_equal(place->report.error_count, 0);
}

static const BuildDiagnostic *first_error(const Place *place)
{
    assert_false(place->report.ok);
    assert_true(place->report.error_count > 0);
    assert_true(place->report.diagnostic_count > 0);
    assert_int_equal(place->report.diagnostics[0].severity, BUILD_ERROR);
    return &place->report.diagnostics[0];
}

// What int number(void) in the built library gives.
static int number_in(const char *library)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) {
        print_message("%s\n", dlerror());
    }
    assert_non_null(handle);
    union {
        void *address;
        int (*call)(void);
    } number = {.address = dlsym(handle, "number")};
    assert_non_null(number.address);
    int value = number.call();
    dlclose(handle);
    return value;
}

#define NUMBER "__attribute__((visibility(\"default\"))) int number(void);\n"

static const char GAME[] =
    "#include \"hotloop.h\"\n"
    "typedef struct Game { float x; } Game;\n"
    "static void init(Game *g, hl_tick *t) { (void)t; g->x = 1; }\n"
    "static void update(Game *g, hl_tick *t) { g->x += t->dt; }\n"
    "static void draw(const Game *g, hl_canvas *c) { hl_rect(c, g->x, 0, 1, 1, HL_RED); }\n"
    "HL_GAME(Game, init, update, draw, .title = \"t\");\n";

// With a limit that only a hang reaches.
static void run_program(const char *const *words)
{
    pid_t pid;
    int status;
    char copies[8][FILE_PATH_MAX], *argv[9] = {NULL};
    for (size_t i = 0; words[i]; i++) {
        assert_true(i < COUNT_OF(copies));
        (void)text_format(copies[i], sizeof(copies[i]), "%s", words[i]);
        argv[i] = copies[i];
    }
    assert_int_equal(posix_spawnp(&pid, words[0], NULL, NULL, argv, environ), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static const char *make_stub(const Place *place)
{
    write_text(place, "stub.c", "void hl_rect(void);\nvoid hl_rect(void) {}\n");
    const char *cc[] = {
        "cc", "-shared", "-fPIC", in_place(place, "stub.c"), "-o", in_place(place, "libstub.so"),
        NULL};
    run_program(cc);
    return in_place(place, "libstub.so");
}

static void make_archive(const Place *place, const char *source, const char *object,
                         const char *archive)
{
    const char *cc[] = {"cc", "-fPIC", "-c", in_place(place, source), "-o", in_place(place, object),
                        NULL};
    run_program(cc);
    const char *ar[] = {"ar", "rcs", in_place(place, archive), in_place(place, object), NULL};
    run_program(ar);
}

static void test_a_game(void **state)
{
    // Scenario: a small game with hotloop.h is built.
    // Expect: a library that exports hotloop_game, and a command text that names the compiler.
    Place *place = *state;
    write_text(place, "game/game.c", GAME);
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(place->report.units, 1);
    assert_int_equal(place->report.units_compiled, 1);
    assert_int_equal(place->report.diagnostic_count, 0);
    assert_false(place->report.nothing_changed);
    assert_true(place->report.content != 0);
    assert_true(place->report.finished_ns > place->report.started_ns);
    assert_true(build_link_is_whole(place->report.library_path));
    assert_non_null(strstr(build_command_text(place->build), "-ffp-contract=off"));
    assert_int_equal(build_command_text(place->build)[0], '/');
    void *handle = dlopen(place->report.library_path, RTLD_LAZY | RTLD_LOCAL);
    assert_non_null(handle);
    assert_non_null(dlsym(handle, "hotloop_game"));
    assert_null(dlsym(handle, "update"));
    dlclose(handle);
}

static void test_only_what_changed(void **state)
{
    // Scenario: two units; built twice, touched, one edited, the header of both edited, an edit
    // undone.
    // Expect: nothing changed the second time and after the touch; then one, two and no compiled
    // units; the undone edit gives the first library again.
    Place *place = *state;
    char first[FILE_PATH_MAX];
    write_text(place, "game/value.h", "#define VALUE 1\n");
    write_text(place, "game/a.c",
               "#include \"value.h\"\n" NUMBER "int b(void);\n"
               "int number(void) { return VALUE * 10 + b(); }\n");
    write_text(place, "game/b.c",
               "#include \"value.h\"\nint b(void);\nint b(void) { return VALUE; }\n");
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(place->report.units_compiled, 2);
    assert_int_equal(number_in(place->report.library_path), 11);
    (void)text_format(first, sizeof(first), "%s", place->report.library_path);
    run_ok(place);
    assert_true(place->report.nothing_changed);
    assert_int_equal(place->report.units_compiled, 0);
    assert_int_equal(utimensat(AT_FDCWD, in_place(place, "game/a.c"), NULL, 0), 0);
    run_ok(place);
    assert_true(place->report.nothing_changed);
    write_text(place, "game/b.c", "int b(void);\nint b(void) { return 7; }\n");
    run_ok(place);
    assert_false(place->report.nothing_changed);
    assert_int_equal(place->report.units_compiled, 1);
    assert_int_equal(number_in(place->report.library_path), 17);
    write_text(place, "game/b.c",
               "#include \"value.h\"\nint b(void);\nint b(void) { return VALUE; }\n");
    write_text(place, "game/value.h", "#define VALUE 2\n");
    run_ok(place);
    assert_int_equal(place->report.units_compiled, 2);
    assert_int_equal(number_in(place->report.library_path), 22);
    write_text(place, "game/value.h", "#define VALUE 1\n");
    run_ok(place);
    assert_int_equal(place->report.units_compiled, 0);
    assert_false(place->report.nothing_changed);
    assert_string_equal(place->report.library_path, first);
}

static void test_header_moves_in_front(void **state)
{
    // Scenario: a unit includes "conf.h" found in the folder above; then a conf.h appears beside
    // it. Expect: the unit is compiled again, with the nearer one.
    Place *place = *state;
    assert_int_equal(mkdir(in_place(place, "game/sub"), 0755), 0);
    write_text(place, "game/conf.h", "#define N 1\n");
    write_text(place, "game/sub/a.c",
               "#include \"conf.h\"\n" NUMBER "int number(void) { return N; }\n");
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 1);
    write_text(place, "game/sub/conf.h", "#define N 2\n");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 2);
}

static void test_outside_inputs(void **state)
{
    // Scenario: a unit includes a header outside the folder and a table of another kind inside.
    // Expect: the build cares about both, names them for watching, and compiles when they change;
    // it does not care about other files.
    Place *place = *state;
    char outside[FILE_PATH_MAX], text[2 * FILE_PATH_MAX];
    (void)text_format(outside, sizeof(outside), "%s", in_place(place, "far.h"));
    write_text(place, "far.h", "#define FAR 1\n");
    write_text(place, "game/table.inc", "20\n");
    (void)text_format(text, sizeof(text),
                      "#include \"%s\"\n" NUMBER "int number(void) { return FAR +\n"
                      "#include \"table.inc\"\n; }\n",
                      outside);
    write_text(place, "game/a.c", text);
    place->build = open_build(place, NULL, NULL, NULL);
    assert_false(build_cares_about(place->build, outside));
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 21);
    assert_true(build_cares_about(place->build, outside));
    assert_true(build_cares_about(place->build, in_place(place, "game/table.inc")));
    assert_true(build_cares_about(place->build, in_place(place, "game/new.c")));
    assert_true(build_cares_about(place->build, in_place(place, "game/sub/new.h")));
    assert_false(build_cares_about(place->build, in_place(place, "game/hero.png")));
    assert_false(build_cares_about(place->build, in_place(place, "game/.#a.c")));
    assert_false(build_cares_about(place->build, in_place(place, "other.c")));
    assert_false(build_cares_about(place->build, in_place(place, "game2/other.c")));
    bool has_outside = false;
    for (uint32_t i = 0; build_input(place->build, i); i++) {
        has_outside |= strcmp(build_input(place->build, i), outside) == 0;
    }
    assert_true(has_outside);
    write_text(place, "far.h", "#define FAR 2\n");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 22);
}

static void test_errors(void **state)
{
    // Scenario: a syntax error and an unused variable in one unit, a good second unit; then mended.
    // Expect: the error first, with file, line, column and source line, paths as the author knows
    // them; after mending a library, and the warning stays with later builds that reuse the object.
    Place *place = *state;
    assert_int_equal(chdir(place->folder), 0);
    write_text(place, "game/a.c",
               "int unused_one(void);\nint unused_one(void)\n{\n    int spare;\n    return 1\n}\n");
    write_text(place, "game/b.c", NUMBER "int number(void) { return 1; }\n");
    place->build = open_build(place, NULL, NULL, NULL);
    assert_int_equal(chdir("/"), 0);
    run(place);
    const BuildDiagnostic *error = first_error(place);
    assert_string_equal(error->file, "game/a.c");
    assert_int_equal(error->line, 5);
    assert_int_equal(error->column, 13);
    assert_non_null(strstr(error->text, "expected"));
    assert_string_equal(error->source_line, "    return 1");
    assert_int_equal(place->report.error_count, 1);
    assert_int_equal(place->report.warning_count, 1);
    assert_int_equal(place->report.diagnostics[1].severity, BUILD_WARNING);
    assert_int_equal(place->report.diagnostics[1].line, 4);
    write_text(place, "game/a.c", "static int spare(void) { return 1; }\n");
    run_ok(place);
    assert_int_equal(place->report.warning_count, 1);
    assert_int_equal(place->report.units_compiled, 1);
    write_text(place, "game/b.c", NUMBER "int number(void) { return 2; }\n");
    run_ok(place);
    assert_int_equal(place->report.warning_count, 1);
    assert_non_null(strstr(place->report.diagnostics[0].text, "-Wunused-function"));
}

static void test_mistakes_that_are_errors(void **state)
{
    // Scenario: an undeclared function, a wrong pointer, an int for a pointer.
    // Expect: errors, not warnings.
    static const char *const SOURCES[] = {
        "void f(void);\nvoid f(void) { not_there(); }\n",
        "void f(float *);\nvoid f(float *p) { int *q = p; (void)q; }\n",
        "void f(void);\nvoid f(void) { char *p = 3; (void)p; }\n",
        "int f(void);\nint f(void) { }\n",
    };
    Place *place = *state;
    place->build = open_build(place, NULL, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(SOURCES); i++) {
        write_text(place, "game/a.c", SOURCES[i]);
        run(place);
        assert_int_equal(first_error(place)->line, 2);
    }
}

static void test_linker_errors(void **state)
{
    // Scenario: with a stub library for the hl_ names: a declared function that nobody has, and one
    // name defined twice.
    // Expect: the linker's message with file and line of the source.
    Place *place = *state;
    char stub[FILE_PATH_MAX];
    (void)text_format(stub, sizeof(stub), "%s", in_place(place, "libstub.so"));
    write_text(place, "stub.c", "void hl_rect(void);\nvoid hl_rect(void) {}\n");
    char *const argv[] = {"/usr/bin/cc",
                          "-shared",
                          "-fPIC",
                          "-o",
                          stub,
                          "-Wl,-soname,libstub.so",
                          (char *)(uintptr_t)in_place(place, "stub.c"),
                          NULL};
    BuildJob job = {.argv = argv};
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 8 << 20, NULL));
    BuildJobLimits limits = {
        .at_once = 1, .timeout_ms = 10000, .cancel_fd = -1, .environment = environ, .niceness = 0};
    assert_true(build_jobs_run(&job, 1, &limits, &scratch) && build_job_is_ok(&job));
    arena_close(&scratch);
    place->build = open_build(place, NULL, NULL, stub);
    write_text(place, "game/game.c", GAME);
    run_ok(place);
    write_text(place, "game/b.c",
               "int helper(int);\nint caller(void);\nint caller(void)\n{\n"
               "    return helper(3);\n}\n");
    run(place);
    const BuildDiagnostic *error = first_error(place);
    assert_non_null(strstr(error->text, "undefined reference to `helper'"));
    assert_non_null(strstr(error->file, "game/b.c"));
    assert_int_equal(error->line, 5);
    assert_string_equal(error->source_line, "    return helper(3);");
    write_text(place, "game/b.c", "int twice(void);\nint twice(void) { return 1; }\n");
    write_text(place, "game/c.c", "int twice(void);\nint twice(void) { return 2; }\n");
    run(place);
    error = first_error(place);
    assert_non_null(strstr(error->text, "multiple definition of `twice'"));
    assert_non_null(strstr(error->file, "game/c.c"));
    assert_int_equal(error->line, 2);
    assert_null(strstr(error->text, "/objects/"));
    // What was good before still is.
    assert_int_equal(unlink(in_place(place, "game/c.c")), 0);
    run_ok(place);
}

static void test_stub_is_not_needed(void **state)
{
    // Scenario: a game linked against the stub; the stub is deleted before loading.
    // Expect: the library loads all the same where the executable has the hl_ names (here: one of
    // the test's own).
    Place *place = *state;
    char stub[FILE_PATH_MAX];
    (void)text_format(stub, sizeof(stub), "%s", in_place(place, "libstub.so"));
    write_text(place, "game/a.c",
               "int abs_of(int);\n" NUMBER "int number(void) { return abs_of(-5); }\n");
    write_text(place, "stub.c", "int abs_of(int);\nint abs_of(int x) { return x; }\n");
    write_text(place, "real.c", "int abs_of(int);\nint abs_of(int x) { return -x; }\n");
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 8 << 20, NULL));
    BuildJobLimits limits = {
        .at_once = 1, .timeout_ms = 10000, .cancel_fd = -1, .environment = environ, .niceness = 0};
    for (int i = 0; i < 2; i++) {
        char real[FILE_PATH_MAX];
        (void)text_format(real, sizeof(real), "%s",
                          in_place(place, i ? "libreal.so" : "libstub.so"));
        char *const argv[] = {
            "/usr/bin/cc", "-shared", "-fPIC",
            "-o",          real,      (char *)(uintptr_t)in_place(place, i ? "real.c" : "stub.c"),
            NULL};
        BuildJob job = {.argv = argv};
        assert_true(build_jobs_run(&job, 1, &limits, &scratch) && build_job_is_ok(&job));
    }
    arena_close(&scratch);
    place->build = open_build(place, NULL, NULL, stub);
    run_ok(place);
    assert_int_equal(unlink(stub), 0);
    void *names = dlopen(in_place(place, "libreal.so"), RTLD_NOW | RTLD_GLOBAL);
    assert_non_null(names);
    assert_int_equal(number_in(place->report.library_path), 5);
    dlclose(names);
}

static void test_no_sources(void **state)
{
    // Scenario: an empty folder; then the folder is gone; then there is a source.
    // Expect: errors that say what to do; then a library.
    Place *place = *state;
    place->build = open_build(place, NULL, NULL, NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "no .c files"));
    assert_non_null(strstr(first_error(place)->text, "HL_GAME"));
    assert_int_equal(rmdir(in_place(place, "game")), 0);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "cannot be read"));
    assert_int_equal(mkdir(in_place(place, "game"), 0755), 0);
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    run_ok(place);
}

static void test_no_compiler(void **state)
{
    // Scenario: the compiler's name is not to be found; then a link of that name to the real one
    // appears.
    // Expect: an error that names it and says what to install; then a library.
    Place *place = *state;
    char compiler[FILE_PATH_MAX];
    (void)text_format(compiler, sizeof(compiler), "%s", in_place(place, "mycc"));
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    place->build = open_build(place, "no-such-cc-here", NULL, NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "no-such-cc-here"));
    assert_non_null(strstr(first_error(place)->text, "PATH"));
    assert_non_null(strstr(first_error(place)->text, "gcc"));
    build_close(place->build);
    place->build = open_build(place, compiler, NULL, NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "mycc"));
    assert_int_equal(symlink("/usr/bin/gcc", compiler), 0);
    run_ok(place);
}

// A compiler of our own making: a script that goes on to the real one unless told otherwise.
static void write_compiler(const Place *place, const char *before)
{
    char text[4096];
    (void)text_format(text, sizeof(text), "#!/bin/sh\n%s\nexec /usr/bin/gcc \"$@\"\n", before);
    write_text(place, "mycc", text);
    assert_int_equal(chmod(in_place(place, "mycc"), 0755), 0);
}

static void test_compiler_killed(void **state)
{
    // Scenario: the compiler is killed while it compiles; or fails without a word.
    // Expect: said, with the signal's name, or the exit code; and the next build works.
    Place *place = *state;
    char compiler[FILE_PATH_MAX];
    (void)text_format(compiler, sizeof(compiler), "%s", in_place(place, "mycc"));
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    write_compiler(place, "case \"$*\" in *a.c) kill -9 $$;; esac");
    place->build = open_build(place, compiler, NULL, NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "Killed"));
    write_compiler(place, "case \"$*\" in *a.c) echo strange; exit 7;; esac");
    run(place);
    assert_non_null(strstr(first_error(place)->text, "exit code 7"));
    assert_non_null(strstr(first_error(place)->text, "strange"));
    write_compiler(place, "");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 1);
}

static bool is_running(pid_t pid)
{
    char path[64], text[512] = "";
    (void)text_format(path, sizeof(path), "/proc/%d/stat", (int)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t got = read(fd, text, sizeof(text) - 1);
    close(fd);
    const char *name_end = got > 0 ? strrchr(text, ')') : NULL;
    return name_end && name_end[2] != 'Z' && name_end[2] != 'X'; // a zombie has ended
}

static pid_t pid_in(const char *path)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    for (;;) {
        char text[32] = "";
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            ssize_t got = read(fd, text, sizeof(text) - 1);
            close(fd);
            if (got > 0 && strchr(text, '\n')) {
                return (pid_t)atoi(text);
            }
        }
        assert_true(mono_ns() < give_up_ns);
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
}

static void assert_ends(pid_t pid)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    while (is_running(pid)) {
        assert_true(mono_ns() < give_up_ns);
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
}

static void test_hang_is_stopped(void **state)
{
    // Scenario: a process that starts a child and hangs with it, with a limit of 0.2 s, beside one
    // that ends well.
    // Expect: both of the hanging group are gone; the other one's output is whole.
    Place *place = *state;
    char text[FILE_PATH_MAX + 128];
    (void)text_format(text, sizeof(text), "sleep 1000 & echo $! > %s; wait",
                      in_place(place, "child"));
    char *const hangs[] = {"/bin/sh", "-c", text, NULL};
    char *const speaks[] = {"/bin/sh", "-c", "echo out; echo err >&2", NULL};
    BuildJob jobs[] = {{.argv = hangs}, {.argv = speaks}};
    BuildJobLimits limits = {
        .at_once = 2, .timeout_ms = 200, .cancel_fd = -1, .environment = environ, .niceness = 0};
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 8 << 20, NULL));
    assert_true(build_jobs_run(jobs, 2, &limits, &scratch));
    assert_true(jobs[0].timed_out);
    assert_false(build_job_is_ok(&jobs[0]));
    assert_true(build_job_is_ok(&jobs[1]));
    assert_string_equal(jobs[1].output, "out\nerr\n");
    assert_ends(pid_in(in_place(place, "child")));
    arena_close(&scratch);
}

static void test_output_is_limited(void **state)
{
    // Scenario: a process that writes 3 MB, and one that cannot be started at all.
    // Expect: 1 MB is kept and the process ends well; the other one's errno is kept.
    (void)state;
    char *const floods[] = {"/bin/sh", "-c", "head -c 3000000 /dev/zero | tr '\\0' x", NULL};
    char *const missing[] = {"/no/such/program", NULL};
    BuildJob jobs[] = {{.argv = floods}, {.argv = missing}};
    BuildJobLimits limits = {
        .at_once = 2, .timeout_ms = 10000, .cancel_fd = -1, .environment = environ, .niceness = 0};
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 16 << 20, NULL));
    assert_true(build_jobs_run(jobs, 2, &limits, &scratch));
    assert_true(build_job_is_ok(&jobs[0]));
    assert_int_equal(jobs[0].output_bytes, BUILD_OUTPUT_MAX);
    assert_true(jobs[0].output_was_cut);
    assert_int_equal(jobs[1].start_error, ENOENT);
    BuildJob alone = {.argv = missing};
    assert_true(build_jobs_run(&alone, 1, &limits, &scratch)); // there is nothing to wait for
    assert_int_equal(alone.start_error, ENOENT);
    arena_close(&scratch);
}

static void test_one_that_waits_is_fed(void **state)
{
    // Scenario: a process is begun before it is known what it will read: one is fed, one dropped,
    // one has ended before it could be fed, and one cannot be started.
    // Expect: the first reads all of its input and ends with it; the second is gone; feeding the
    // third does not raise SIGPIPE; the last one says so.
    (void)state;
    char *const reads[] = {"/bin/cat", NULL};
    char *const ends[] = {"/bin/true", NULL};
    char *const missing[] = {"/no/such/program", NULL};
    BuildJob fed = {.argv = reads}, dropped = {.argv = reads}, over = {.argv = ends},
             none = {.argv = missing};
    BuildJobLimits limits = {
        .at_once = 2, .timeout_ms = 10000, .cancel_fd = -1, .environment = environ, .niceness = 0};
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 8 << 20, NULL));
    assert_true(build_job_begin(&fed, &limits));
    assert_true(build_job_begin(&dropped, &limits));
    assert_true(build_job_begin(&over, &limits));
    assert_false(build_job_begin(&none, &limits));
    pid_t child = dropped.pid;
    build_job_drop(&dropped);
    assert_ends(child);
    assert_true(build_job_feed(&fed, "one\ntwo\n"));
    assert_true(build_jobs_run(&fed, 1, &limits, &scratch));
    assert_true(build_job_is_ok(&fed));
    assert_string_equal(fed.output, "one\ntwo\n");
    siginfo_t about;
    assert_int_equal(waitid(P_PID, (id_t)over.pid, &about, WEXITED | WNOWAIT), 0);
    (void)build_job_feed(&over, "nobody");
    assert_true(build_jobs_run(&over, 1, &limits, &scratch));
    assert_true(build_job_is_ok(&over));
    arena_close(&scratch);
}

static void test_cancel(void **state)
{
    // Scenario: a build whose compiler hangs with a child is cancelled from outside.
    // Expect: build_run returns false, the whole group is gone, no temporary file is left, and the
    // next build works.
    Place *place = *state;
    char before[FILE_PATH_MAX + 256], compiler[FILE_PATH_MAX];
    (void)text_format(compiler, sizeof(compiler), "%s", in_place(place, "mycc"));
    (void)text_format(before, sizeof(before),
                      "case \"$*\" in *a.c) sleep 1000 & echo $! > %s; wait;; esac",
                      in_place(place, "child"));
    write_compiler(place, before);
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    int cancel_fd = eventfd(0, EFD_CLOEXEC);
    pid_t child = fork();
    if (child == 0) {
        (void)pid_in(in_place(place, "child"));
        (void)!write(cancel_fd, &(uint64_t){1}, sizeof(uint64_t));
        _exit(0);
    }
    place->build = open_build(place, compiler, NULL, NULL);
    assert_false(build_run(place->build, cancel_fd, &place->report));
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_ends(pid_in(in_place(place, "child")));
    DIR *dir = opendir(in_place(place, "work/objects"));
    assert_non_null(dir);
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        assert_null(strstr(entry->d_name, "tmp-"));
    }
    closedir(dir);
    close(cancel_fd);
    write_compiler(place, "");
    run_ok(place);
}

static void test_odd_names(void **state)
{
    // Scenario: sources, headers and folders with spaces, quotes, a dollar, a hash, a line break,
    // and UTF-8 in their names; the header of each is edited.
    // Expect: built, and built again after each edit.
    static const char *const NAMES[] = {"two words", "it's \"q\"",  "a$b",
                                        "a#b",       "line\nbreak", "\xc3\xa4\xe2\x98\x83",
                                        "-dash",     "back\\slash", "%s%n"};
    Place *place = *state;
    place->build = open_build(place, NULL, NULL, NULL);
    for (size_t i = 0; i < COUNT_OF(NAMES); i++) {
        char folder[512], header[512], source[512];
        (void)text_format(folder, sizeof(folder), "game/%s", NAMES[i]);
        (void)text_format(header, sizeof(header), "game/%s/h.h", NAMES[i]);
        (void)text_format(source, sizeof(source), "game/%s/%s.c", NAMES[i], NAMES[i]);
        assert_int_equal(mkdir(in_place(place, folder), 0755), 0);
        write_text(place, header, "#define N 1\n");
        write_text(place, source, "#include \"h.h\"\n" NUMBER "int number(void) { return N; }\n");
        run_ok(place);
        assert_int_equal(number_in(place->report.library_path), 1);
        write_text(place, header, "#define N 2\n");
        run_ok(place);
        assert_int_equal(number_in(place->report.library_path), 2);
        assert_int_equal(unlink(in_place(place, source)), 0);
    }
}

static void test_symlinked_folders(void **state)
{
    // Scenario: a symlink loop below the folder, and a second name for a sub-folder with a source.
    // Expect: every source is built once.
    Place *place = *state;
    assert_int_equal(mkdir(in_place(place, "game/z"), 0755), 0);
    write_text(place, "game/z/a.c", NUMBER "int number(void) { return 1; }\n");
    assert_int_equal(symlink("z", in_place(place, "game/again")), 0);
    assert_int_equal(symlink("..", in_place(place, "game/z/up")), 0);
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(place->report.units, 1);
}

static void test_empty_file_is_not_built(void **state)
{
    // Scenario: a source is truncated; half a second later its new text is written, by another
    // process.
    // Expect: the build waits for the text.
    Place *place = *state;
    place->build = open_build(place, NULL, NULL, NULL);
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    run_ok(place);
    write_text(place, "game/a.c", "");
    pid_t child = fork();
    if (child == 0) {
        mono_sleep_until(mono_ns() + 300 * NS_PER_MS);
        write_text(place, "game/a.c", NUMBER "int number(void) { return 2; }\n");
        _exit(0);
    }
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 2);
    assert_int_equal(waitpid(child, NULL, 0), child);
    // One that stays empty is built as it is.
    write_text(place, "game/b.c", "");
    run_ok(place);
    assert_int_equal(place->report.units, 2);
}

static void test_user_flags(void **state)
{
    // Scenario: flags of the user's that contradict the defaults, a define among them.
    // Expect: they win; another set of flags compiles anew.
    Place *place = *state;
    write_text(place, "game/a.c",
               NUMBER "int number(void)\n{\n#ifdef __OPTIMIZE__\n    return 1;\n#else\n"
                      "    return N;\n#endif\n}\n");
    place->build = open_build(place, NULL, "-O0  -DN=5", NULL);
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 5);
    build_close(place->build);
    place->build = open_build(place, NULL, "-DN=5", NULL);
    run_ok(place);
    assert_int_equal(place->report.units_compiled, 1);
    assert_int_equal(number_in(place->report.library_path), 1);
    build_close(place->build);
    place->build = open_build(place, NULL, "-fno-such-flag", NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "-fno-such-flag"));
}

static void test_settings(void **state)
{
    // Scenario: a hotloop.conf with defines, a folder, a quoted flag, a library of the system and
    // one of the game's own; a value in it is changed; the library is made anew; the file is
    // removed. Expect: each is in the next build, and nothing of it once the file is gone.
    Place *place = *state;
    assert_int_equal(mkdir(in_place(place, "libs"), 0755), 0);
    write_text(place, "libs/shared.h", "#define SHARED 1000\n");
    write_text(place, "libs/own.c", "int own(void); int own(void) { return 10000; }\n");
    make_archive(place, "libs/own.c", "libs/own.o", "libs/libown.a");
    write_text(place, "game/a.c",
               NUMBER "#include <zlib.h>\n#include \"shared.h\"\nint own(void);\n"
                      "int number(void) { return SPEED + EXTRA + SHARED + own() +"
                      " (int)sizeof(TITLE \"\") + (zlibVersion()[0] == 'x'); }\n");
    write_text(place, "game/hotloop.conf",
               "# settings\n\ndefine = SPEED=2\n  define=TITLE=\"a b\"   # with a blank\n"
               "cflags = -O0 \"-DEXTRA=(60 + 4)\"\r\ninclude = ../libs\n"
               "libs = z ../libs/libown.a\n");
    write_text(place, "libs/zlib.h", "const char *zlibVersion(void);\n");
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 2 + 64 + 1000 + 10000 + 4);
    assert_true(build_cares_about(place->build, in_place(place, "game/hotloop.conf")));
    assert_true(build_cares_about(place->build, in_place(place, "libs/libown.a")));
    write_text(place, "game/hotloop.conf",
               "define = SPEED=3\ndefine = TITLE=\"\"\ncflags = -DEXTRA=0\ninclude = ../libs\n"
               "libs = z ../libs/libown.a\n");
    run_ok(place);
    assert_false(place->report.nothing_changed);
    assert_int_equal(number_in(place->report.library_path), 3 + 1000 + 10000 + 1);
    write_text(place, "libs/own.c", "int own(void); int own(void) { return 20000; }\n");
    make_archive(place, "libs/own.c", "libs/own.o", "libs/libown.a");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 3 + 1000 + 20000 + 1);
    run_ok(place);
    assert_true(place->report.nothing_changed);
    assert_int_equal(unlink(in_place(place, "game/hotloop.conf")), 0);
    run(place);
    assert_non_null(strstr(first_error(place)->text, ".h"));
}

static void test_settings_name_the_compiler(void **state)
{
    // Scenario: cc in hotloop.conf, beside --cc; what files say about the compiler.
    // Expect: the file's compiler is taken where the command line names none; a compiler that is
    // not there is an error, and the next good line is enough.
    Place *place = *state;
    char text[200];
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    write_text(place, "game/hotloop.conf", "cc = no-such-compiler\ncflags = -O0\n");
    place->build = open_build(place, NULL, NULL, NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "no-such-compiler"));
    write_text(place, "game/hotloop.conf", "cc = gcc\ncflags = -O0\n");
    run_ok(place);
    assert_non_null(strstr(build_command_text(place->build), "/gcc "));
    BuildConfig config = {.game_folder = in_place(place, "game"), .flags = "-DA"};
    build_compiler_text(&config, text, sizeof(text));
    assert_string_equal(text, "gcc -O0 -DA");
    config.compiler = "cc";
    build_compiler_text(&config, text, sizeof(text));
    assert_string_equal(text, "cc -O0 -DA");
    build_close(place->build);
    place->build = open_build(place, "no-such-one", NULL, NULL);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "no-such-one"));
}

static void test_wrong_settings(void **state)
{
    // Scenario: a misspelt key, a line without "=", an open quote, a folder and a file that are not
    // there, a flag among libs, an empty value, a macro without a name; then bytes that are no
    // text. Expect: each is an error with file, line and source line, and nothing is compiled.
    Place *place = *state;
    static const struct {
        int line, column;
        const char *text;
    } WRONG[] = {
        {1, 1, "did you mean cflags"},
        {2, 3, "key = value"},
        {3, 14, "never closed"},
        {4, 11, "there is no folder"},
        {5, 8, "no file"},
        {6, 8, "ldflags"},
        {7, 5, "no value"},
        {8, 10, "macro"},
    };
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    write_text(place, "game/hotloop.conf",
               "cflag = -O0\n  -O0\ncflags = -O0 \"-DX\ninclude = nowhere\nlibs = ./libx.a\n"
               "libs = -lz\ncc =\ndefine = =3\n");
    place->build = open_build(place, NULL, NULL, NULL);
    run(place);
    assert_int_equal(place->report.error_count, COUNT_OF(WRONG));
    assert_int_equal(place->report.units_compiled, 0);
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        const BuildDiagnostic *error = &place->report.diagnostics[i];
        assert_non_null(strstr(error->file, "game/hotloop.conf"));
        assert_int_equal(error->line, WRONG[i].line);
        assert_int_equal(error->column, WRONG[i].column);
        assert_non_null(strstr(error->text, WRONG[i].text));
        assert_true(error->source_line[0] != '\0');
    }
    folder_write(in_place(place, "game/hotloop.conf"), "a\0b", 3);
    run(place);
    assert_non_null(strstr(first_error(place)->text, "no text"));
    write_text(place, "game/hotloop.conf", "");
    run_ok(place);
}

static void test_niceness(void **state)
{
    // Scenario: a process and its child are started with a niceness of 7.
    // Expect: both have it.
    (void)state;
    Fault fault;
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 16u << 20, &fault));
    char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"},
                    (char[]){"sleep 0.05; cut -d' ' -f19 /proc/$$/stat; nice"}, NULL};
    BuildJob job = {.argv = argv};
    BuildJobLimits limits = {
        .at_once = 1, .timeout_ms = 10000, .cancel_fd = -1, .environment = environ, .niceness = 7};
    assert_true(build_jobs_run(&job, 1, &limits, &scratch));
    assert_string_equal(job.output, "7\n7\n");
    arena_close(&scratch);
}

// What the library needs and from whom, as `readelf` says it.
static void read_needs(const char *library, char *out, size_t out_bytes)
{
    Fault fault;
    Arena scratch;
    assert_true(arena_open(&scratch, 0, 16u << 20, &fault));
    const char *script = arena_format(
        &scratch,
        "readelf -d %s | grep NEEDED | sed 's/.*NEEDED/N/'; readelf --dyn-syms -W %s | grep ' UND '"
        " | awk '{print $4, $5, $8}' | sort",
        library, library);
    char *argv[] = {arena_copy_text(&scratch, "/bin/sh"), arena_copy_text(&scratch, "-c"),
                    arena_copy_text(&scratch, script), NULL};
    BuildJob job = {.argv = argv};
    BuildJobLimits limits = {
        .at_once = 1, .timeout_ms = 10000, .cancel_fd = -1, .environment = environ, .niceness = 0};
    assert_true(build_jobs_run(&job, 1, &limits, &scratch));
    assert_true(build_job_is_ok(&job));
    assert_true(text_format(out, out_bytes, "%s", job.output));
    arena_close(&scratch);
}

static const char CALLS[] =
    NUMBER "#include <math.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
           "volatile double two = 2; char text[9];\n"
           "int number(void) { FIRST; strcpy(text, getenv(\"PATH\") ? \"ab\" : \"a\");\n"
           "    fflush(stdout); return (int)(pow(two, 3) + (double)strlen(text)) + MORE; }\n";

static void write_calls(const Place *place, const char *first, const char *more)
{
    char text[2000];
    (void)text_format(text, sizeof(text), "#define FIRST %s\n#define MORE %s\n%s", first, more,
                      CALLS);
    write_text(place, "game/a.c", text);
}

static void test_link_by_names(void **state)
{
    // Scenario: a unit that calls libc and libm (functions, a variable) is edited; then takes a
    // function more, then one less; the same content is linked in a new folder with everything.
    // Expect: the libraries need the same things from the same libraries in the same versions, and
    // do the same, whether they were linked against the names alone or against everything.
    Place *place = *state;
    static char by_names[8192], with_all[8192];
    write_calls(place, "(void)0", "1");
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 11);
    assert_true(place->build->names.is_ready);
    write_calls(place, "(void)0", "2");
    run_ok(place);
    assert_false(place->build->names.is_off); // it was tried, and it worked
    assert_int_equal(number_in(place->report.library_path), 12);
    uint32_t known = place->build->names.libraries[0].count;
    write_calls(place, "(void)0", "3 + atoi(text + 4) + (int)fmod(two, 2)");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 13);
    assert_true(place->build->names.libraries[0].count > known);
    write_calls(place, "(void)0", "(int)fmod(two, 2)");
    run_ok(place);
    assert_false(place->build->names.is_off);
    read_needs(place->report.library_path, by_names, sizeof(by_names));
    build_close(place->build);
    assert_int_equal(folder_remove(in_place(place, "work")), 0);
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    read_needs(place->report.library_path, with_all, sizeof(with_all));
    assert_string_equal(by_names, with_all);
    assert_non_null(strstr(with_all, "libm.so"));
    assert_non_null(strstr(with_all, "pow@GLIBC"));
}

static void test_link_that_names_do_not_help(void **state)
{
    // Scenario: a function of libc's archive (atexit) comes in, after a first link; then an unknown
    // function; then it goes again; the files with the names are damaged.
    // Expect: each build is right, the error is the linker's own.
    Place *place = *state;
    write_calls(place, "(void)0", "1");
    place->build = open_build(place, NULL, NULL, make_stub(place));
    run_ok(place);
    write_calls(place, "if (two > 5) { atexit(abort); }", "2");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 12);
    write_calls(place, "void nobody(void); nobody()", "3");
    run(place);
    assert_non_null(strstr(first_error(place)->text, "nobody"));
    assert_non_null(strstr(first_error(place)->file, "game/a.c"));
    write_calls(place, "(void)0", "4");
    run_ok(place);
    place->build->names.is_off = false;
    folder_write(place->build->names.libraries[0].path, "nonsense", 8);
    write_calls(place, "(void)0", "5");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 15);
    assert_true(place->build->names.is_off);
}

static void test_second_instance(void **state)
{
    // Scenario: a second instance opens the game that the first has built; the lock is held by
    // somebody while a third builds something new.
    // Expect: the second compiles nothing, and for it the library is new; the third waits for its
    // turn.
    Place *place = *state;
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    Build *first = open_build(place, NULL, NULL, NULL);
    BuildReport report;
    assert_true(build_run(first, -1, &report) && report.ok);
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    assert_int_equal(place->report.units_compiled, 0);
    assert_false(place->report.nothing_changed);
    assert_string_equal(place->report.library_path, report.library_path);
    write_text(place, "game/a.c", NUMBER "int number(void) { return 2; }\n");
    int lock = open(in_place(place, "work/lock"), O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(lock, LOCK_EX), 0);
    int cancel_fd = eventfd(1, EFD_CLOEXEC);
    assert_false(build_run(first, cancel_fd, &report));
    close(cancel_fd);
    close(lock);
    assert_true(build_run(first, -1, &report) && report.ok);
    run_ok(place);
    assert_int_equal(place->report.units_compiled, 0);
    build_close(first);
}

static void test_damaged_work_folder(void **state)
{
    // Scenario: after a power cut all files of the work folder are empty.
    // Expect: built anew, and right.
    Place *place = *state;
    write_text(place, "game/a.c", NUMBER "int number(void) { return 1; }\n");
    place->build = open_build(place, NULL, NULL, NULL);
    run_ok(place);
    static const char *const FOLDERS[] = {"work", "work/objects"};
    for (size_t i = 0; i < COUNT_OF(FOLDERS); i++) {
        DIR *dir = opendir(in_place(place, FOLDERS[i]));
        assert_non_null(dir);
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
            if (entry->d_type == DT_REG) {
                int fd = openat(dirfd(dir), entry->d_name, O_WRONLY | O_TRUNC | O_CLOEXEC);
                assert_true(fd >= 0);
                close(fd);
            }
        }
        closedir(dir);
    }
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 1);
}

static void test_old_libraries_go(void **state)
{
    // Scenario: 20 different builds.
    // Expect: the newest 16 libraries are kept, the last one among them.
    Place *place = *state;
    place->build = open_build(place, NULL, "-O0", NULL);
    for (int i = 0; i < 20; i++) {
        char text[256];
        (void)text_format(text, sizeof(text), NUMBER "int number(void) { return %d; }\n", i);
        write_text(place, "game/a.c", text);
        run_ok(place);
    }
    unsigned libraries = 0;
    DIR *dir = opendir(in_place(place, "work"));
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        libraries += strstr(entry->d_name, ".so") != NULL;
    }
    closedir(dir);
    assert_int_equal(libraries, 16);
    assert_int_equal(number_in(place->report.library_path), 19);
}

static void test_many_errors(void **state)
{
    // Scenario: a source with 10,000 errors.
    // Expect: 50 are kept, in order, more are counted, and it does not take gcc half a minute.
    Place *place = *state;
    Arena memory;
    assert_true(arena_open(&memory, 0, 4 << 20, NULL));
    char *text = ARENA_NEW(&memory, char, 1 << 20), *at = text;
    for (int i = 0; i < 10000; i++) {
        at += sprintf(at, "int v%d = nope%d;\n", i, i);
    }
    write_text(place, "game/a.c", text);
    arena_close(&memory);
    place->build = open_build(place, NULL, NULL, NULL);
    run(place);
    assert_int_equal(first_error(place)->line, 1);
    assert_int_equal(place->report.diagnostic_count, BUILD_DIAGNOSTICS_MAX);
    assert_in_range(place->report.error_count, 200, 10000); // gcc is told to stop somewhere
    assert_int_equal(place->report.diagnostics[49].line, 50);
}

static void test_clang(void **state)
{
    // Scenario: the same with clang, where it is installed: a game, a warning, an error.
    // Expect: as with gcc.
    Place *place = *state;
    if (access("/usr/bin/clang", X_OK) != 0) {
        skip();
    }
    place->build = open_build(place, "clang", NULL, NULL);
    write_text(place, "game/a.c", NUMBER "int number(void) { int spare; return 1; }\n");
    run_ok(place);
    assert_int_equal(number_in(place->report.library_path), 1);
    assert_int_equal(place->report.warning_count, 1);
    assert_int_equal(place->report.diagnostics[0].line, 2);
    assert_int_equal(place->report.diagnostics[0].column, 24);
    assert_non_null(strstr(build_command_text(place->build), "-ftrivial-auto-var-init=zero"));
    write_text(place, "game/a.c", NUMBER "int number(void)\n{\n    return 1\n}\n");
    run(place);
    assert_int_equal(first_error(place)->line, 4);
    assert_int_equal(first_error(place)->column, 13);
    assert_string_equal(first_error(place)->source_line, "    return 1");
}

static void test_parse_json(void **state)
{
    // Scenario: gcc's JSON with an error, a warning with a note, bytes that are not UTF-8, an
    // escape sequence, and text around it.
    // Expect: sorted, harmless, options named.
    (void)state;
    static const char OUTPUT[] =
        "In file included from x.h:1:\n"
        "[{\"kind\": \"warning\", \"locations\": [{\"caret\": {\"file\": \"a.c\", \"line\": 3, "
        "\"column\": 7}}], \"message\": \"odd \xff \\u001b[31m\", \"option\": \"-Wodd\", "
        "\"children\": [{\"kind\": \"note\", \"message\": \"here\", \"locations\": [{\"caret\": "
        "{\"file\": \"b.h\", \"line\": 9, \"column\": 1}}]}]}, {\"kind\": \"error\", "
        "\"locations\": [], \"message\": \"bad\"}]\ncc1: some warnings being treated as errors\n";
    BuildReport report = {0};
    build_parse(&report, OUTPUT, sizeof(OUTPUT) - 1);
    assert_int_equal(report.diagnostic_count, 3);
    assert_int_equal(report.error_count, 1);
    assert_int_equal(report.warning_count, 1);
    assert_string_equal(report.diagnostics[0].text, "bad");
    assert_string_equal(report.diagnostics[0].file, "");
    assert_string_equal(report.diagnostics[1].text, "odd ? ?[31m [-Wodd]");
    assert_string_equal(report.diagnostics[1].file, "a.c");
    assert_int_equal(report.diagnostics[1].line, 3);
    assert_int_equal(report.diagnostics[1].column, 7);
    assert_int_equal(report.diagnostics[2].severity, BUILD_NOTE);
    assert_string_equal(report.diagnostics[2].file, "b.h");
}

static void test_parse_json_columns(void **state)
{
    // Scenario: gcc 11 and later says both columns; gcc 9 and 10 only the one in bytes, as
    // "column". Expect: bytes each time, whatever tabs stand before.
    (void)state;
    static const char OUTPUT[] =
        "[{\"kind\": \"error\", \"message\": \"new\", \"locations\": [{\"caret\": {\"file\": "
        "\"a.c\", "
        "\"line\": 5, \"byte-column\": 21, \"display-column\": 27, \"column\": 27}}]}, "
        "{\"kind\": \"error\", \"message\": \"old\", \"locations\": [{\"caret\": {\"file\": "
        "\"a.c\", "
        "\"line\": 5, \"column\": 21}}]}]";
    BuildReport report = {0};
    build_parse(&report, OUTPUT, sizeof(OUTPUT) - 1);
    assert_int_equal(report.diagnostic_count, 2);
    assert_int_equal(report.diagnostics[0].column, 21);
    assert_int_equal(report.diagnostics[1].column, 21);
}

static void test_parse_text(void **state)
{
    // Scenario: clang's and ld's lines, a file name with a colon and spaces, a program's own words.
    // Expect: places taken apart; noise left out.
    (void)state;
    static const char OUTPUT[] =
        "/g/my file: x.c:12:5: error: use of undeclared identifier 'y'\n"
        "1 error generated.\n"
        "/usr/bin/ld: /w/objects/0a.o: in function `update':\n"
        "/g/game.c:7: undefined reference to `hl_rekt'\n"
        "/usr/bin/ld: /w/objects/0b.o:(.data.rel+0x8): undefined reference to `gone'\n"
        "/usr/bin/ld: /w/objects/0b.o:/g/b.c:3: multiple definition of `x'; "
        "/w/objects/0a.o:/g/a.c:4: first defined here\n"
        "/usr/bin/ld: cannot find -lnope: No such file or directory\n"
        "/usr/bin/ld: warning: x.o: missing .note.GNU-stack section\n"
        "collect2: error: ld returned 1 exit status\n"
        "gcc: fatal error: Killed signal terminated program cc1\n"
        "compilation terminated.\n";
    BuildReport report = {0};
    build_parse(&report, OUTPUT, sizeof(OUTPUT) - 1);
    assert_int_equal(report.error_count, 6);
    assert_int_equal(report.warning_count, 1);
    const BuildDiagnostic *at = report.diagnostics;
    assert_string_equal(at[0].file, "/g/my file: x.c");
    assert_int_equal(at[0].line, 12);
    assert_int_equal(at[0].column, 5);
    assert_string_equal(at[1].file, "/g/game.c");
    assert_int_equal(at[1].line, 7);
    assert_non_null(strstr(at[1].text, "`hl_rekt'"));
    assert_string_equal(at[2].file, "/w/objects/0b.o");
    assert_int_equal(at[2].line, 0);
    assert_string_equal(at[3].file, "/g/b.c");
    assert_int_equal(at[3].line, 3);
    assert_string_equal(at[3].text, "multiple definition of `x'; /g/a.c:4: first defined here");
    assert_non_null(strstr(at[4].text, "cannot find -lnope"));
    assert_string_equal(at[5].text, "gcc: Killed signal terminated program cc1");
    assert_int_equal(at[6].severity, BUILD_WARNING);
}

static void test_parse_anything(void **state)
{
    // Scenario: random bytes, JSON cut at every length, deep nesting, a line without an end.
    // Expect: no crash, bounded counts, terminated strings.
    (void)state;
    static const char JSON[] =
        "[{\"kind\": \"error\", \"locations\": [{\"caret\": {\"file\": \"a.c\", \"line\": "
        "99999999999999, \"column\": -7}}], \"message\": \"x\", \"children\": [[[1]]]}, {}, 3]";
    static BuildReport report;
    static char bytes[65536];
    for (size_t length = 0; length < sizeof(JSON); length++) {
        report = (BuildReport){0};
        build_parse(&report, JSON, length);
        assert_true(report.diagnostic_count <= 2);
    }
    uint64_t random = 1;
    for (int round = 0; round < 200; round++) {
        static const char ALPHABET[] = "[]{}\":,\n \\ld: error: warning: .o:/1(\x80\xff\x1b";
        for (size_t i = 0; i < sizeof(bytes); i++) {
            random = random * 6364136223846793005ull + 1442695040888963407ull;
            bytes[i] = round % 2 ? (char)(random >> 56)
                                 : ALPHABET[(random >> 40) % (sizeof(ALPHABET) - 1)];
        }
        report = (BuildReport){0};
        build_parse(&report, bytes, sizeof(bytes));
        assert_true(report.diagnostic_count <= BUILD_DIAGNOSTICS_MAX);
        for (uint32_t i = 0; i < report.diagnostic_count; i++) {
            assert_null(strchr(report.diagnostics[i].text, '\x1b'));
            assert_true(report.diagnostics[i].line >= 0);
        }
    }
    memset(bytes, '[', sizeof(bytes));
    build_parse(&report, bytes, sizeof(bytes));
    for (size_t i = 0; i + 6 <= sizeof(bytes); i += 6) {
        memcpy(bytes + i, "[{\"a\":", 6);
    }
    build_parse(&report, bytes, sizeof(bytes));
}

static void test_notes_follow_what_they_explain(void **state)
{
    // Scenario: a warning with a note, an error with two notes, another error.
    // Expect: the error with its notes, the other error, then the warning with its note.
    (void)state;
    static const char TEXT[] = "a.c:1:1: warning: w\na.c:2:1: note: of w\na.c:3:1: error: e\n"
                               "a.c:4:1: note: of e\na.c:5:1: note: of e\na.c:6:1: error: f\n";
    static const int LINES[] = {3, 4, 5, 6, 1, 2};
    BuildReport report = {0};
    build_parse(&report, TEXT, strlen(TEXT));
    assert_int_equal(report.diagnostic_count, COUNT_OF(LINES));
    for (size_t i = 0; i < COUNT_OF(LINES); i++) {
        assert_int_equal(report.diagnostics[i].line, LINES[i]);
    }
}

static void test_errors_before_warnings(void **state)
{
    // Scenario: 60 warnings, then 3 errors.
    // Expect: the errors are kept, first; the warnings are all counted.
    (void)state;
    char text[8192], *at = text;
    for (int i = 0; i < 60; i++) {
        at += sprintf(at, "a.c:%d:1: warning: w\n", i + 1);
    }
    for (int i = 0; i < 3; i++) {
        at += sprintf(at, "a.c:%d:1: error: e\n", i + 1);
    }
    BuildReport report = {0};
    build_parse(&report, text, strlen(text));
    assert_int_equal(report.diagnostic_count, BUILD_DIAGNOSTICS_MAX);
    assert_int_equal(report.error_count, 3);
    assert_int_equal(report.warning_count, 60);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(report.diagnostics[i].severity, BUILD_ERROR);
        assert_int_equal(report.diagnostics[i].line, i + 1);
    }
    assert_int_equal(report.diagnostics[3].line, 1);
}

static void test_close_nothing(void **state)
{
    // Scenario: build_close of NULL.
    // Expect: nothing.
    (void)state;
    build_close(NULL);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_game),
        CASE(test_only_what_changed),
        CASE(test_header_moves_in_front),
        CASE(test_outside_inputs),
        CASE(test_errors),
        CASE(test_mistakes_that_are_errors),
        CASE(test_linker_errors),
        CASE(test_stub_is_not_needed),
        CASE(test_no_sources),
        CASE(test_no_compiler),
        CASE(test_compiler_killed),
        CASE(test_hang_is_stopped),
        CASE(test_output_is_limited),
        CASE(test_one_that_waits_is_fed),
        CASE(test_cancel),
        CASE(test_odd_names),
        CASE(test_symlinked_folders),
        CASE(test_empty_file_is_not_built),
        CASE(test_user_flags),
        CASE(test_settings),
        CASE(test_settings_name_the_compiler),
        CASE(test_wrong_settings),
        CASE(test_niceness),
        CASE(test_link_by_names),
        CASE(test_link_that_names_do_not_help),
        CASE(test_second_instance),
        CASE(test_damaged_work_folder),
        CASE(test_old_libraries_go),
        CASE(test_many_errors),
        CASE(test_clang),
        cmocka_unit_test(test_parse_json),
        cmocka_unit_test(test_parse_json_columns),
        cmocka_unit_test(test_parse_text),
        cmocka_unit_test(test_parse_anything),
        cmocka_unit_test(test_errors_before_warnings),
        cmocka_unit_test(test_notes_follow_what_they_explain),
        cmocka_unit_test(test_close_nothing),
    };
    return cmocka_run_group_tests_name("build", tests, NULL, NULL);
}
