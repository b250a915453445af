#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "build_jobs.h"
#include "change.h"
#include "file_testing.h"

// Only a hang reaches it.
#define CAP_NS (20 * NS_PER_S)

typedef struct Place {
    char folder[256];
    Change *change;
    ChangeResult result;
    unsigned seen[CHANGE_NOTE + 1]; // results by kind
} Place;

// Libraries v1, v2 and v3 as bytes, made once.
typedef struct Libraries {
    Arena memory;
    FileBytes bytes[4];
} Libraries;
static Libraries libraries;

static const char *in_place(const Place *place, const char *name)
{
    return folder_path(place->folder, name);
}

static void write_text(const Place *place, const char *name, const char *text)
{
    folder_write(in_place(place, name), text, strlen(text));
}

// A game whose title tells its version.
static const char *game_text(const char *before, const char *title)
{
    static char text[4096];
    (void)text_format(text, sizeof(text),
                      "#include \"hotloop.h\"\n%s\n"
                      "typedef struct Game { float x; } Game;\n"
                      "static void init(Game *g, hl_tick *t) { (void)t; g->x = 1; }\n"
                      "static void update(Game *g, hl_tick *t) { g->x += t->dt; }\n"
                      "static void draw(const Game *g, hl_canvas *c) { (void)g, (void)c; }\n"
                      "HL_GAME(Game, init, update, draw, .title = %s);\n",
                      before, title);
    return text;
}

static void write_game(const Place *place, const char *title)
{
    char quoted[64];
    (void)text_format(quoted, sizeof(quoted), "\"%s\"", title);
    write_text(place, "game/game.c", game_text("", quoted));
}

static int setup(void **state)
{
    Place *place = test_calloc(1, sizeof(Place));
    (void)text_format(place->folder, sizeof(place->folder), "/tmp/change_test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_int_equal(mkdir(in_place(place, "game"), 0755), 0);
    assert_int_equal(mkdir(in_place(place, "private"), 0700), 0);
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    Place *place = *state;
    change_close(place->change);
    int result = folder_remove(place->folder);
    test_free(place);
    return result;
}

static void open_game_with(Place *place, const char *compiler)
{
    Fault fault;
    char game[FILE_PATH_MAX], work[FILE_PATH_MAX], private[FILE_PATH_MAX];
    (void)text_format(game, sizeof(game), "%s", in_place(place, "game"));
    (void)text_format(work, sizeof(work), "%s", in_place(place, "work"));
    (void)text_format(private, sizeof(private), "%s", in_place(place, "private"));
    BuildConfig build = {.game_folder = game,
                         .api_folder = TEST_SOURCE_DIR "/engine/api",
                         .work_folder = work,
                         .compiler = compiler};
    ChangeConfig config = {.game_folder = game, .build = &build, .gamelib = {.folder = private}};
    place->change = change_open(&config, &fault);
    assert_non_null(place->change);
}

static void open_game(Place *place)
{
    open_game_with(place, NULL);
}

static void open_library(Place *place)
{
    Fault fault;
    char path[FILE_PATH_MAX], private[FILE_PATH_MAX];
    (void)text_format(path, sizeof(path), "%s", in_place(place, "game.so"));
    (void)text_format(private, sizeof(private), "%s", in_place(place, "private"));
    ChangeConfig config = {.library_path = path, .gamelib = {.folder = private}};
    place->change = change_open(&config, &fault);
    assert_non_null(place->change);
}

static bool take(Place *place)
{
    if (!change_take(place->change, &place->result)) {
        return false;
    }
    place->seen[place->result.kind]++;
    return true;
}

// The next result that is neither a note nor the start of a build.
static void next(Place *place)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    for (;;) {
        while (take(place)) {
            if (place->result.kind != CHANGE_NOTE && place->result.kind != CHANGE_BUILD_STARTED) {
                return;
            }
        }
        struct pollfd fd = {.fd = change_fd(place->change), .events = POLLIN};
        (void)poll(&fd, 1, 1000);
        assert_true(mono_ns() < give_up_ns);
    }
}

static void next_of(Place *place, ChangeKind kind)
{
    next(place);
    if (place->result.kind != kind) {
        print_message("kind %d instead of %d: %s %s\n", place->result.kind, kind,
                      place->result.fault.text, place->result.report.diagnostics[0].text);
    }
    assert_int_equal(place->result.kind, kind);
}

static void next_ready(Place *place, const char *title)
{
    next_of(place, CHANGE_READY);
    assert_string_equal(place->result.lib.game->title, title);
    assert_true(place->result.saved_ns <= mono_ns());
    assert_true(place->result.built_ns <= place->result.lib.ready_ns);
    (void)gamelib_close(&place->result.lib);
}

// Takes results until that generation comes; whatever else comes on the way is fine.
static void comes_ready(Place *place, const char *title)
{
    bool found = false;
    while (!found) {
        next(place);
        if (place->result.kind == CHANGE_READY) {
            found = strcmp(place->result.lib.game->title, title) == 0;
            (void)gamelib_close(&place->result.lib);
        }
    }
}

static void next_note(Place *place, const char *part)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    for (;;) {
        while (take(place)) {
            if (place->result.kind == CHANGE_NOTE && strstr(place->result.fault.text, part)) {
                return;
            }
        }
        struct pollfd fd = {.fd = change_fd(place->change), .events = POLLIN};
        (void)poll(&fd, 1, 1000);
        assert_true(mono_ns() < give_up_ns);
    }
}

static void wait_idle(const Place *place)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    while (change_is_busy(place->change)) {
        assert_true(mono_ns() < give_up_ns);
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
}

static void wait_for_file(const char *path)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    while (!file_exists(path)) {
        assert_true(mono_ns() < give_up_ns);
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
}

// ------------------------------------------------------------------------------- a game's folder

static void test_save_and_see(void **state)
{
    // Scenario: a game is opened, saved with another content, then with the same one.
    // Expect: the compiler is named, ready at once; ready again, saved after the write began; then
    // only UNCHANGED.
    Place *place = *state;
    write_game(place, "v1");
    open_game(place);
    next_note(place, "sources are built with /");
    next_ready(place, "v1");
    uint64_t before_ns = mono_ns();
    write_game(place, "v2");
    next_ready(place, "v2");
    // The file system's clock ticks every 1 to 10 ms.
    assert_true(place->result.saved_ns + 20 * NS_PER_MS >= before_ns);
    assert_true(place->result.saved_ns <= place->result.built_ns);
    assert_true(place->seen[CHANGE_BUILD_STARTED] >= 2);
    write_game(place, "v2");
    next_of(place, CHANGE_UNCHANGED);
    wait_idle(place);
    assert_false(take(place));
}

static void test_error_and_mended(void **state)
{
    // Scenario: the first build fails; it is mended; broken again; undone.
    // Expect: FAILED with the place, READY, FAILED, UNCHANGED.
    Place *place = *state;
    write_text(place, "game/game.c", game_text("int x = ;", "\"v1\""));
    open_game(place);
    next_of(place, CHANGE_BUILD_FAILED);
    assert_false(place->result.report.ok);
    assert_int_equal(place->result.report.diagnostics[0].line, 2);
    assert_non_null(strstr(place->result.report.diagnostics[0].file, "game.c"));
    write_game(place, "v1");
    next_ready(place, "v1");
    write_text(place, "game/game.c", game_text("int x = ;", "\"v1\""));
    next_of(place, CHANGE_BUILD_FAILED);
    write_game(place, "v1");
    next_of(place, CHANGE_UNCHANGED);
}

static void test_failure_is_told_once(void **state)
{
    // Scenario: the first build fails in one unit, while the other one includes a header outside
    // the folder, so that the lane builds once more as soon as that is watched; then it is saved
    // again. Expect: the failure is told once for the first build, and once for the save.
    Place *place = *state;
    write_text(place, "outside.h", "#define X 1\n");
    write_text(place, "game/a.c", "#include \"../outside.h\"\nint x = X;\n");
    write_text(place, "game/game.c", "int broken = ;\n");
    open_game(place);
    next_of(place, CHANGE_BUILD_FAILED);
    wait_idle(place);
    mono_sleep_until(mono_ns() + 300 * NS_PER_MS);
    wait_idle(place);
    while (take(place)) {
        assert_int_not_equal(place->result.kind, CHANGE_BUILD_FAILED);
    }
    write_text(place, "game/game.c", "int broken = ;\n");
    next_of(place, CHANGE_BUILD_FAILED);
}

static void test_warnings(void **state)
{
    // Scenario: a game with an unused variable.
    // Expect: READY, then WARNINGS without a library.
    Place *place = *state;
    write_text(place, "game/game.c", game_text("static int spare;", "\"v1\""));
    open_game(place);
    next_ready(place, "v1");
    next_of(place, CHANGE_WARNINGS);
    assert_int_equal(place->result.report.warning_count, 1);
    assert_null(place->result.lib.handle);
}

// A compiler that says "started" and waits for the file "go" when the source holds the word SLOW.
static const char *slow_compiler(const Place *place)
{
    char text[8192];
    const char *path = in_place(place, "mycc");
    (void)text_format(text, sizeof(text),
                      "#!/bin/sh\n"
                      "for last; do :; done\n"
                      "if [ -f \"$last\" ] && grep -q SLOW \"$last\"; then\n"
                      "  echo x >> %s/started\n"
                      "  while [ ! -e %s/go ]; do sleep 0.01; done\n"
                      "fi\n"
                      "exec /usr/bin/gcc \"$@\"\n",
                      place->folder, place->folder);
    write_text(place, "mycc", text);
    assert_int_equal(chmod(path, 0755), 0);
    return path;
}

static void test_save_during_build(void **state)
{
    // Scenario: while a build hangs, a newer source is saved.
    // Expect: the first build is dropped; the newest source comes, the dropped one never.
    Place *place = *state;
    write_text(place, "game/game.c", game_text("// SLOW", "\"slow\""));
    open_game_with(place, slow_compiler(place));
    wait_for_file(in_place(place, "started"));
    assert_true(change_is_busy(place->change));
    write_game(place, "v2");
    next_ready(place, "v2");
    assert_int_equal(place->seen[CHANGE_BUILD_STARTED], 1);
}

static void test_other_files_do_not_disturb(void **state)
{
    // Scenario: while a build is under way, a swap file, a picture and a log are written.
    // Expect: the build goes on: one compiler run.
    Place *place = *state;
    struct stat about;
    write_text(place, "game/game.c", game_text("// SLOW", "\"slow\""));
    open_game_with(place, slow_compiler(place));
    wait_for_file(in_place(place, "started"));
    for (int i = 0; i < 20; i++) {
        write_text(place, "game/.game.c.swp", "x");
        write_text(place, "game/hero.png", "x");
        write_text(place, "game/log.txt", "x");
        write_text(place, "game/4913", "x");
        mono_sleep_until(mono_ns() + 2 * NS_PER_MS);
    }
    write_text(place, "go", "");
    next_ready(place, "slow");
    assert_int_equal(stat(in_place(place, "started"), &about), 0);
    assert_int_equal(about.st_size, 2); // one line
}

static void test_storm_of_saves(void **state)
{
    // Scenario: 100 saves, each a few milliseconds after the other, the last one differing.
    // Expect: the last one comes, whatever was dropped on the way.
    Place *place = *state;
    write_game(place, "v0");
    open_game(place);
    next_ready(place, "v0");
    for (int i = 1; i <= 100; i++) {
        char title[16];
        (void)text_format(title, sizeof(title), "v%d", i);
        write_game(place, title);
        mono_sleep_until(mono_ns() + 3 * NS_PER_MS);
    }
    comes_ready(place, "v100");
    wait_idle(place);
    assert_false(take(place) && place->result.kind == CHANGE_READY);
}

static void test_checkout(void **state)
{
    // Scenario: 1,000 headers and the source change at once, as with git checkout.
    // Expect: the last state comes, and nothing after it; a handful of generations at most, however
    // often this process is held up between two files (unhindered it is one).
    Place *place = *state;
    write_game(place, "v1");
    open_game(place);
    next_ready(place, "v1");
    for (int i = 0; i < 1000; i++) {
        char name[64];
        (void)text_format(name, sizeof(name), "game/h%d.h", i);
        write_text(place, name, "#define X 1\n");
    }
    write_text(place, "game/game.c", game_text("#include \"h999.h\"", "\"v2\""));
    comes_ready(place, "v2");
    assert_true(place->seen[CHANGE_READY] <= 5);
    wait_idle(place);
    while (take(place)) {
        assert_int_not_equal(place->result.kind, CHANGE_READY);
    }
}

static void test_folders(void **state)
{
    // Scenario: a new sub-folder with a unit; it is renamed; it is removed.
    // Expect: each is a new generation.
    Place *place = *state;
    write_text(place, "game/game.c",
               game_text("__attribute__((weak)) const char *name(void);\n"
                         "__attribute__((weak)) const char *name(void) { return \"no\"; }",
                         "\"v1\""));
    open_game(place);
    next_ready(place, "v1");
    assert_int_equal(mkdir(in_place(place, "sub"), 0755), 0);
    write_text(place, "sub/unit.c",
               "const char *name(void);\nconst char *name(void) { return __FILE__; }\n");
    assert_int_equal(rename(in_place(place, "sub"), in_place(place, "game/sub")), 0);
    next_ready(place, "v1");
    assert_int_equal(place->result.report.units, 2);
    assert_int_equal(rename(in_place(place, "game/sub"), in_place(place, "game/new")), 0);
    next_ready(place, "v1");
    assert_int_equal(place->result.report.units, 2);
    assert_int_equal(rename(in_place(place, "game/new"), in_place(place, "away")), 0);
    next_ready(place, "v1");
    assert_int_equal(place->result.report.units, 1);
}

static void test_outside_header(void **state)
{
    // Scenario: a header outside the game's folder, included by it, is saved.
    // Expect: a new generation.
    Place *place = *state;
    char include[FILE_PATH_MAX + 32];
    (void)text_format(include, sizeof(include), "#include \"%s\"", in_place(place, "far.h"));
    write_text(place, "far.h", "#define TITLE \"v1\"\n");
    write_text(place, "game/game.c", game_text(include, "TITLE"));
    open_game(place);
    next_ready(place, "v1");
    write_text(place, "far.h", "#define TITLE \"v2\"\n");
    next_ready(place, "v2");
}

static void test_refused_build(void **state)
{
    // Scenario: a source without HL_GAME; saved again as it is; poked with force; mended.
    // Expect: REFUSED once, then UNCHANGED that says so, REFUSED again, READY.
    Place *place = *state;
    write_text(place, "game/game.c", "int nothing(void);\nint nothing(void) { return 1; }\n");
    open_game(place);
    next_of(place, CHANGE_REFUSED);
    assert_non_null(strstr(place->result.fault.text, "HL_GAME"));
    write_text(place, "game/game.c", "int nothing(void);\nint nothing(void) { return 1; }\n");
    next_of(place, CHANGE_UNCHANGED);
    assert_non_null(strstr(place->result.fault.text, "refused"));
    change_poke(place->change, true);
    next_of(place, CHANGE_REFUSED);
    write_game(place, "v1");
    next_ready(place, "v1");
}

static void test_poke(void **state)
{
    // Scenario: poked without and with force.
    // Expect: UNCHANGED, then the same generation again.
    Place *place = *state;
    write_game(place, "v1");
    open_game(place);
    next_ready(place, "v1");
    change_poke(place->change, false);
    next_of(place, CHANGE_UNCHANGED);
    change_poke(place->change, true);
    next_ready(place, "v1");
}

static void test_overtaken(void **state)
{
    // Scenario: three generations before anybody takes one; then the lane is closed with one
    // waiting.
    // Expect: only the newest is seen; no private copy is left behind.
    Place *place = *state;
    write_game(place, "v1");
    open_game(place);
    wait_idle(place);
    write_game(place, "v2");
    struct pollfd fd = {.fd = change_fd(place->change), .events = POLLIN};
    assert_int_equal(poll(&fd, 1, 10000), 1);
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    while (take(place) || mono_ns() < give_up_ns) {
        if (place->result.kind == CHANGE_READY) {
            bool is_newest = strcmp(place->result.lib.game->title, "v2") == 0;
            (void)gamelib_close(&place->result.lib);
            place->result = (ChangeResult){0};
            if (is_newest) {
                break;
            }
        }
    }
    assert_true(mono_ns() < give_up_ns);
    change_poke(place->change, true);
    wait_idle(place);
    change_poke(place->change, true);
    wait_idle(place);
    place->seen[CHANGE_READY] = 0;
    while (take(place)) {
        if (place->result.kind == CHANGE_READY) {
            (void)gamelib_close(&place->result.lib);
        }
    }
    assert_int_equal(place->seen[CHANGE_READY], 1);
    change_poke(place->change, true);
    wait_idle(place);
    change_close(place->change);
    place->change = NULL;
    assert_int_equal(rmdir(in_place(place, "private")), 0);
}

static void test_close_during_build(void **state)
{
    // Scenario: closed while a compiler hangs.
    // Expect: returns; nothing of it runs on (a left-over would write into the removed folder).
    Place *place = *state;
    write_text(place, "game/game.c", game_text("// SLOW", "\"slow\""));
    open_game_with(place, slow_compiler(place));
    wait_for_file(in_place(place, "started"));
    change_close(place->change);
    place->change = NULL;
}

static void test_queue_is_bounded(void **state)
{
    // Scenario: 100 answers before anybody takes one, the generation among them first.
    // Expect: the generation is not lost.
    Place *place = *state;
    write_game(place, "v1");
    open_game(place);
    wait_idle(place);
    for (int i = 0; i < 100; i++) {
        change_poke(place->change, false);
        wait_idle(place);
    }
    unsigned count = 0;
    while (take(place)) {
        count++;
        if (place->result.kind == CHANGE_READY) {
            (void)gamelib_close(&place->result.lib);
        }
    }
    assert_true(count <= 32);
    assert_int_equal(place->seen[CHANGE_READY], 1);
}

static void test_damaged_library(void **state)
{
    // Scenario: the library in the work folder is filled with zeroes behind its header, as after a
    // power cut; another instance opens the game.
    // Expect: made once more and delivered.
    Place *place = *state;
    char path[FILE_PATH_MAX];
    write_game(place, "v1");
    open_game(place);
    next_of(place, CHANGE_READY);
    (void)text_format(path, sizeof(path), "%s", place->result.report.library_path);
    (void)gamelib_close(&place->result.lib);
    change_close(place->change);
    static const char ZEROES[8192];
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    assert_int_equal(pwrite(fd, ZEROES, 4096, about.st_size - 4096), 4096);
    close(fd);
    open_game(place);
    next_ready(place, "v1");
}

static void test_folder_missing(void **state)
{
    // Scenario: the game's folder does not exist; the library's folder does not exist.
    // Expect: refused by name.
    Place *place = *state;
    Fault fault;
    BuildConfig build = {.game_folder = "/no/such/game", .work_folder = place->folder};
    ChangeConfig config = {.game_folder = "/no/such/game", .build = &build};
    assert_null(change_open(&config, &fault));
    assert_non_null(strstr(fault.text, "/no/such/game"));
    config = (ChangeConfig){.library_path = "/no/such/game.so"};
    assert_null(change_open(&config, &fault));
    assert_non_null(strstr(fault.text, "/no/such"));
    change_close(NULL);
}

// --------------------------------------------------------------------------------- --so: a library

static void write_library(const Place *place, const char *name, int version)
{
    folder_write(in_place(place, name), libraries.bytes[version].data,
                 libraries.bytes[version].size_bytes);
}

static int make_libraries(void **state)
{
    (void)state;
    char folder[] = "/tmp/change_test_lib.XXXXXX";
    Place place = {.change = NULL};
    Arena scratch;
    assert_non_null(mkdtemp(folder));
    (void)text_format(place.folder, sizeof(place.folder), "%s", folder);
    assert_true(arena_open(&libraries.memory, 0, 16 << 20, NULL));
    assert_true(arena_open(&scratch, 0, 16 << 20, NULL));
    for (int i = 1; i <= 3; i++) {
        char title[16], source[300], library[300];
        (void)text_format(title, sizeof(title), "\"v%d\"", i);
        write_text(&place, "game.c", game_text("", title));
        (void)text_format(source, sizeof(source), "%s/game.c", folder);
        (void)text_format(library, sizeof(library), "%s/game.so", folder);
        char *const argv[] = {
            "/usr/bin/gcc", "-g",    "-fPIC", "-shared", "-I" TEST_SOURCE_DIR "/engine/api",
            "-o",           library, source,  NULL};
        BuildJob job = {.argv = argv};
        BuildJobLimits limits = {.at_once = 1,
                                 .timeout_ms = 20000,
                                 .cancel_fd = -1,
                                 .environment = environ,
                                 .niceness = 0};
        assert_true(build_jobs_run(&job, 1, &limits, &scratch) && build_job_is_ok(&job));
        assert_true(file_read(&libraries.memory, library, 4 << 20, &libraries.bytes[i], NULL));
    }
    arena_close(&scratch);
    return folder_remove(folder);
}

static int drop_libraries(void **state)
{
    (void)state;
    arena_close(&libraries.memory);
    return 0;
}

static void test_library_comes_later(void **state)
{
    // Scenario: the library does not exist at the start and is written later.
    // Expect: a note by name, then READY.
    Place *place = *state;
    open_library(place);
    next_note(place, "game.so");
    write_library(place, "game.so", 1);
    next_ready(place, "v1");
}

static void test_library_changes(void **state)
{
    // Scenario: overwritten in place while loaded, replaced by a rename, written again with the
    // same bytes, deleted, and an older one comes back. (A3, A4, A14, A15)
    // Expect: v2, v3, UNCHANGED, a note, v1.
    Place *place = *state;
    write_library(place, "game.so", 1);
    open_library(place);
    next_of(place, CHANGE_READY);
    GameLib first = place->result.lib;
    write_library(place, "game.so", 2);
    next_ready(place, "v2");
    assert_string_equal(first.game->title, "v1");
    (void)gamelib_close(&first);
    write_library(place, "game.so.tmp", 3);
    assert_int_equal(rename(in_place(place, "game.so.tmp"), in_place(place, "game.so")), 0);
    next_ready(place, "v3");
    write_library(place, "game.so", 3);
    next_of(place, CHANGE_UNCHANGED);
    assert_int_equal(unlink(in_place(place, "game.so")), 0);
    next_note(place, "is gone");
    write_library(place, "game.so", 1);
    next_ready(place, "v1");
}

static void test_library_in_two_halves(void **state)
{
    // Scenario: the first half is written; more than a second later the whole; then a full-size
    // file with a tail of zeroes, and the whole again. (A1, A2)
    // Expect: told once as incomplete, never loaded half, then loaded whole.
    Place *place = *state;
    static char bytes[1 << 20];
    const FileBytes *whole = &libraries.bytes[1];
    folder_write(in_place(place, "game.so"), whole->data, whole->size_bytes / 2);
    open_library(place);
    next_of(place, CHANGE_REFUSED);
    assert_int_equal(place->result.fault.kind, FAULT_INCOMPLETE);
    assert_non_null(strstr(place->result.fault.text, "complete"));
    write_library(place, "game.so", 1);
    next_ready(place, "v1");
    assert_true(libraries.bytes[2].size_bytes <= sizeof(bytes));
    memcpy(bytes, libraries.bytes[2].data, libraries.bytes[2].size_bytes / 2);
    folder_write(in_place(place, "game.so"), bytes, libraries.bytes[2].size_bytes);
    next_of(place, CHANGE_REFUSED);
    assert_int_equal(place->result.fault.kind, FAULT_INCOMPLETE);
    write_library(place, "game.so", 2);
    next_ready(place, "v2");
    assert_int_equal(place->seen[CHANGE_REFUSED], 2);
}

static void test_library_written_slowly(void **state)
{
    // Scenario: a linker that writes in small steps, reopening the file each time, for a while.
    // Expect: nothing is told until it is whole, then it is loaded.
    Place *place = *state;
    write_library(place, "game.so", 1);
    open_library(place);
    next_ready(place, "v1");
    const FileBytes *whole = &libraries.bytes[2];
    folder_write(in_place(place, "game.so"), whole->data, 1);
    for (size_t at = 1; at < whole->size_bytes;) {
        size_t step = whole->size_bytes - at < 512 ? whole->size_bytes - at : 512;
        int fd = open(in_place(place, "game.so"), O_WRONLY | O_APPEND | O_CLOEXEC);
        assert_int_equal(write(fd, whole->data + at, step), step);
        close(fd);
        at += step;
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
    next_ready(place, "v2");
    assert_int_equal(place->seen[CHANGE_REFUSED], 0);
}

static void test_two_changes_at_once(void **state)
{
    // Scenario: 20 times two different libraries within 10 ms. (A16)
    // Expect: the last one comes every time, and nothing after it.
    Place *place = *state;
    write_library(place, "game.so", 1);
    open_library(place);
    next_ready(place, "v1");
    for (int i = 0; i < 20; i++) {
        int last = i % 2 ? 1 : 3;
        write_library(place, "game.so", 2);
        mono_sleep_until(mono_ns() + (uint64_t)(i % 10) * NS_PER_MS);
        write_library(place, "game.so", last);
        comes_ready(place, last == 1 ? "v1" : "v3");
        wait_idle(place);
        while (take(place)) {
            assert_int_not_equal(place->result.kind, CHANGE_READY);
        }
    }
}

static void test_not_a_library(void **state)
{
    // Scenario: text instead of a library, the same again, then a folder in its place, then a good
    // one. (A5)
    // Expect: REFUSED once a content; READY in the end.
    Place *place = *state;
    char text[4096];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    write_text(place, "game.so", text);
    open_library(place);
    next_of(place, CHANGE_REFUSED);
    assert_int_equal(place->result.fault.kind, FAULT_LIBRARY);
    change_poke(place->change, false);
    next_of(place, CHANGE_UNCHANGED);
    assert_non_null(strstr(place->result.fault.text, "refused"));
    assert_int_equal(unlink(in_place(place, "game.so")), 0);
    assert_int_equal(mkdir(in_place(place, "game.so"), 0755), 0);
    change_poke(place->change, false);
    next_of(place, CHANGE_REFUSED);
    assert_int_equal(rmdir(in_place(place, "game.so")), 0);
    write_library(place, "game.so", 1);
    comes_ready(place, "v1");
}

static void test_symlinked_library(void **state)
{
    // Scenario: the path is a symlink; its target is written; the link is turned.
    // Expect: both load.
    Place *place = *state;
    write_library(place, "one.so", 1);
    write_library(place, "three.so", 3);
    assert_int_equal(symlink("one.so", in_place(place, "game.so")), 0);
    open_library(place);
    next_ready(place, "v1");
    write_library(place, "one.so", 2);
    next_ready(place, "v2");
    assert_int_equal(symlink("three.so", in_place(place, "tmp")), 0);
    assert_int_equal(rename(in_place(place, "tmp"), in_place(place, "game.so")), 0);
    next_ready(place, "v3");
}

static void test_poke_library(void **state)
{
    // Scenario: poked without and with force.
    // Expect: UNCHANGED, then the same again.
    Place *place = *state;
    write_library(place, "game.so", 1);
    open_library(place);
    next_ready(place, "v1");
    change_poke(place->change, false);
    next_of(place, CHANGE_UNCHANGED);
    change_poke(place->change, true);
    next_ready(place, "v1");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_save_and_see),
        CASE(test_error_and_mended),
        CASE(test_failure_is_told_once),
        CASE(test_warnings),
        CASE(test_save_during_build),
        CASE(test_other_files_do_not_disturb),
        CASE(test_storm_of_saves),
        CASE(test_checkout),
        CASE(test_folders),
        CASE(test_outside_header),
        CASE(test_refused_build),
        CASE(test_poke),
        CASE(test_overtaken),
        CASE(test_close_during_build),
        CASE(test_queue_is_bounded),
        CASE(test_damaged_library),
        CASE(test_folder_missing),
        CASE(test_library_comes_later),
        CASE(test_library_changes),
        CASE(test_library_in_two_halves),
        CASE(test_library_written_slowly),
        CASE(test_two_changes_at_once),
        CASE(test_not_a_library),
        CASE(test_symlinked_library),
        CASE(test_poke_library),
    };
    return cmocka_run_group_tests_name("change", tests, make_libraries, drop_libraries);
}
