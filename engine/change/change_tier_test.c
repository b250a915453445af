#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "file_testing.h"
#include "reflect_table.h"

// Only a hang reaches it.
#define CAP_NS (60 * NS_PER_S)

// A game that is built by both compilers, as a session does.
typedef struct Place {
    char folder[256];
    Change *change;
    ChangeResult result;
    GameLib lib; // of the last CHANGE_READY
    unsigned unchanged, failed;
} Place;

static void write_game(const Place *place, const char *fields, const char *update)
{
    char text[2048];
    (void)text_format(text, sizeof(text),
                      "#include \"hotloop.h\"\n"
                      "typedef struct Game { %s } Game;\n"
                      "static int score = 5;\n"
                      "static void init(Game *g, hl_tick *t) { (void)t; g->x = 1; }\n"
                      "static void update(Game *g, hl_tick *t) { (void)t; %s }\n"
                      "static void draw(const Game *g, hl_canvas *c) { (void)g, (void)c; }\n"
                      "HL_GAME(Game, init, update, draw, .title = \"tiers\");\n",
                      fields, update);
    folder_write(folder_path(place->folder, "game/game.c"), text, strlen(text));
}

static void open_game(Place *place, BuildTiers tiers)
{
    Fault fault;
    char game[FILE_PATH_MAX], work[FILE_PATH_MAX], private[FILE_PATH_MAX];
    (void)text_format(game, sizeof(game), "%s", folder_path(place->folder, "game"));
    (void)text_format(work, sizeof(work), "%s", folder_path(place->folder, "work"));
    (void)text_format(private, sizeof(private), "%s", folder_path(place->folder, "private"));
    BuildConfig build = {.game_folder = game,
                         .api_folder = TEST_SOURCE_DIR "/engine/api",
                         .work_folder = work,
                         .compiler = "gcc",
                         .tiers = tiers};
    ChangeConfig config = {.game_folder = game, .build = &build, .gamelib = {.folder = private}};
    place->change = change_open(&config, &fault);
    assert_non_null(place->change);
}

static int setup(void **state)
{
    Place *place = test_calloc(1, sizeof(Place));
    (void)text_format(place->folder, sizeof(place->folder), "/tmp/change_tier_test.XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    assert_int_equal(mkdir(folder_path(place->folder, "game"), 0755), 0);
    assert_int_equal(mkdir(folder_path(place->folder, "private"), 0700), 0);
    write_game(place, "float x;", "g->x += 1; score++;");
    *state = place;
    return 0;
}

static int teardown(void **state)
{
    Place *place = *state;
    change_close(place->change);
    (void)gamelib_close(&place->lib);
    int result = folder_remove(place->folder);
    test_free(place);
    return result;
}

// The next thing to play.
static const GameLib *next_ready(Place *place)
{
    uint64_t give_up_ns = mono_ns() + CAP_NS;
    for (;;) {
        while (change_take(place->change, &place->result)) {
            place->unchanged += place->result.kind == CHANGE_UNCHANGED;
            place->failed += place->result.kind == CHANGE_BUILD_FAILED;
            if (place->result.kind == CHANGE_READY) {
                (void)gamelib_close(&place->lib);
                place->lib = place->result.lib;
                return &place->lib;
            }
        }
        struct pollfd fd = {.fd = change_fd(place->change), .events = POLLIN};
        (void)poll(&fd, 1, 1000);
        assert_true(mono_ns() < give_up_ns);
    }
}

// What update() makes of a state of zeros.
static float played(const GameLib *lib)
{
    struct {
        float x, more[16];
    } game = {0};
    hl_tick tick = {0};
    lib->game->update(&game, &tick);
    return game.x;
}

static const ReflectVariable *variable(const GameLib *lib, const char *name)
{
    const ReflectTable *table = lib->about;
    assert_non_null(table);
    for (uint32_t i = 0; i < table->variable_count; i++) {
        if (strcmp(table->variables[i].name, name) == 0) {
            return &table->variables[i];
        }
    }
    return NULL;
}

static uint64_t bytes_of(const GameLib *lib, const char *type)
{
    const ReflectTable *table = lib->about;
    assert_non_null(table);
    for (uint32_t i = 0; i < table->type_count; i++) {
        if (strcmp(table->types[i].name, type) == 0) {
            return table->types[i].bytes;
        }
    }
    return 0;
}

static void test_two_for_a_save(void **state)
{
    // Scenario: a game is opened and saved with another update().
    // Expect: the first build is gcc's; the save gives tcc's code first, whose variables and types
    // are known by name, and gcc's of the same sources behind it.
    Place *place = *state;
    open_game(place, BUILD_TIERS_BOTH);
    assert_false(next_ready(place)->is_fast);
    uint64_t before = place->lib.sources;
    write_game(place, "float x;", "g->x += 20; score++;");
    const GameLib *lib = next_ready(place);
    uint64_t sources = lib->sources;
    assert_true(lib->is_fast);
    assert_true(sources != 0 && sources != before);
    assert_true(played(lib) == 20);
    const ReflectVariable *score = variable(lib, "score");
    assert_non_null(score);
    assert_int_equal(score->bytes, sizeof(int));
    assert_true(score->address >= lib->globals_first && score->address < lib->globals_end);
    assert_int_equal(*(const int *)score->address, 6);
    assert_int_equal(bytes_of(lib, "Game"), sizeof(float));
    lib = next_ready(place);
    assert_false(lib->is_fast);
    assert_true(lib->sources == sources);
    assert_true(played(lib) == 20);
    assert_int_equal(place->failed + place->unchanged, 0);
}

static void test_a_struct(void **state)
{
    // Scenario: the game's struct gets a field, and a variable another one beside it.
    // Expect: tcc's build knows both.
    Place *place = *state;
    open_game(place, BUILD_TIERS_BOTH);
    (void)next_ready(place);
    write_game(place, "float x; int lives[3];", "static short kept = 3; g->x += 2; kept++;");
    const GameLib *lib = next_ready(place);
    assert_true(lib->is_fast);
    assert_int_equal(bytes_of(lib, "Game"), sizeof(float) + 3 * sizeof(int));
    assert_true(played(lib) == 2);
    assert_string_equal(variable(lib, "kept")->function, "update");
    assert_int_equal(*(const short *)variable(lib, "kept")->address, 4);
}

static void test_back_again(void **state)
{
    // Scenario: an edit is undone while tcc's build of it plays, before gcc has finished.
    // Expect: gcc's build from before comes again: it is not taken for what plays.
    Place *place = *state;
    open_game(place, BUILD_TIERS_BOTH);
    (void)next_ready(place);
    write_game(place, "float x;", "g->x += 30; score++;");
    assert_true(next_ready(place)->is_fast);
    write_game(place, "float x;", "g->x += 1; score++;");
    const GameLib *lib = next_ready(place);
    while (played(lib) != 1) { // gcc may have been quicker
        lib = next_ready(place);
    }
    assert_false(lib->is_fast);
}

static void test_a_mistake(void **state)
{
    // Scenario: a save that does not compile, then one that tcc takes with a warning only.
    // Expect: nothing to play, and one failure for each, in gcc's words.
    Place *place = *state;
    open_game(place, BUILD_TIERS_BOTH);
    (void)next_ready(place);
    static const char *const WRONG[] = {"g->x += ;", "g->x += 1; missing(g);"};
    for (unsigned i = 0; i < COUNT_OF(WRONG); i++) {
        write_game(place, "float x;", WRONG[i]);
        uint64_t give_up_ns = mono_ns() + CAP_NS;
        while (place->failed == i) {
            assert_true(mono_ns() < give_up_ns);
            if (!change_take(place->change, &place->result)) {
                mono_sleep_until(mono_ns() + NS_PER_MS);
                continue;
            }
            assert_int_not_equal(place->result.kind, CHANGE_READY);
            place->failed += place->result.kind == CHANGE_BUILD_FAILED;
        }
        assert_string_equal(place->result.report.diagnostics[0].source_line,
                            i == 0
                                ? "static void update(Game *g, hl_tick *t) { (void)t; g->x += ; }"
                                : "static void update(Game *g, hl_tick *t) { (void)t; g->x += "
                                  "1; missing(g); }");
    }
}

static void test_one_tier(void **state)
{
    // Scenario: the same with the fast compiler alone, from the first build on, and with the full
    // one alone.
    // Expect: every build is tcc's; none is.
    static const BuildTiers TIERS[] = {BUILD_TIERS_FAST, BUILD_TIERS_FULL};
    Place *place = *state;
    for (unsigned i = 0; i < COUNT_OF(TIERS); i++) {
        open_game(place, TIERS[i]);
        if (i == 0) {
            assert_true(next_ready(place)->is_fast);
        } else { // what the fast compiler left is of no use to the full one
            assert_false(next_ready(place)->is_fast);
        }
        for (int edit = 0; edit < 3; edit++) {
            char update[64];
            (void)text_format(update, sizeof(update), "g->x += %u;",
                              100 * (i + 1) + (unsigned)edit);
            write_game(place, "float x;", update);
            const GameLib *lib = next_ready(place);
            assert_true(lib->is_fast == (i == 0));
            assert_true(played(lib) == (float)(100 * (i + 1) + (unsigned)edit));
        }
        change_close(place->change);
        place->change = NULL;
    }
}

static void test_distrusted(void **state)
{
    // Scenario: what plays found out that tcc's code of the file is not gcc's; a new header makes
    // it be compiled again, then it is edited.
    // Expect: gcc's build alone, with the reason; after the edit tcc is trusted again.
    Place *place = *state;
    char path[FILE_PATH_MAX];
    open_game(place, BUILD_TIERS_BOTH);
    (void)next_ready(place);
    (void)text_format(path, sizeof(path), "%s", folder_path(place->folder, "game/game.c"));
    change_distrust(place->change, path, "Game.x was 1, is 2");
    folder_write(folder_path(place->folder, "game/more.h"), "enum { B };\n", 12);
    const GameLib *lib = next_ready(place);
    assert_false(lib->is_fast);
    assert_int_equal(place->result.report.fast.slow, 1);
    assert_string_equal(place->result.report.fast.files[0].why, "Game.x was 1, is 2");
    write_game(place, "float x;", "g->x += 7;");
    lib = next_ready(place);
    assert_true(lib->is_fast);
    assert_true(played(lib) == 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_two_for_a_save, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_struct, setup, teardown),
        cmocka_unit_test_setup_teardown(test_back_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_mistake, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_tier, setup, teardown),
        cmocka_unit_test_setup_teardown(test_distrusted, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
