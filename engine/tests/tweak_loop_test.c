// Numbers that are played with, through the real executable: moved while the game runs, kept in the
// source, rebuilt to the same value.
#include "session.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char GAME[] = "game/game.c";
static const char BEFORE[] =
    "#include \"hotloop.h\"\n"
    "typedef struct Game { float far; int seen; } Game;\r\n"
    "HL_TWEAK(SPEED, 90, 0, 400); // units a second\n"
    "static int rows = 0x10, columns = 3; /* rows = 4 */\n"
    "static bool grid = false;\n"
    "static float sum = 2 * 2;\n"
    "static void init(Game *game, hl_tick *t) { (void)game; (void)t; }\n"
    "static void update(Game *game, hl_tick *t)\n"
    "{\n"
    "    static double ease = .5;\n"
    "    game->far += SPEED * t->dt;\n"
    "    game->seen += rows + columns + grid + (int)(ease * 2) + (int)sum;\n"
    "}\n"
    "static void draw(const Game *game, hl_canvas *c) { (void)game; hl_clear(c, HL_BLACK); }\n"
    "HL_GAME(Game, init, update, draw, .title = \"Tweaks\", .id = \"tweaks\");\n";
static const char AFTER[] =
    "#include \"hotloop.h\"\n"
    "typedef struct Game { float far; int seen; } Game;\r\n"
    "HL_TWEAK(SPEED, 120.5f, 0, 400); // units a second\n"
    "static int rows = 0x2a, columns = 3; /* rows = 4 */\n"
    "static bool grid = true;\n"
    "static float sum = 2 * 2;\n"
    "static void init(Game *game, hl_tick *t) { (void)game; (void)t; }\n"
    "static void update(Game *game, hl_tick *t)\n"
    "{\n"
    "    static double ease = -.25;\n"
    "    game->far += SPEED * t->dt;\n"
    "    game->seen += rows + columns + grid + (int)(ease * 2) + (int)sum;\n"
    "}\n"
    "static void draw(const Game *game, hl_canvas *c) { (void)game; hl_clear(c, HL_BLACK); }\n"
    "HL_GAME(Game, init, update, draw, .title = \"Tweaks\", .id = \"tweaks\");\n";

static Session *start(Place *place)
{
    place_write(place, GAME, BEFORE, IN_PLACE);
    return session_start_game(place);
}

static bool is_true(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

static void assert_source(Place *place, const char *text)
{
    char *source = place_read(place, GAME, NULL);
    assert_string_equal(source, text);
    free(source);
}

static void refused(Session *session, const char *name, const char *what, const char *because)
{
    const json_t *reply = SESSION_ASK(session, "tweak", name, what);
    assert_false(is_true(reply, "ok"));
    if (!strstr(field_text(reply, "error"), because)) {
        fail_msg("\"%s\" does not say \"%s\"", field_text(reply, "error"), because);
    }
}

static void what_is_kept_is_built_and_stays(Place *place)
{
    // Scenario: four variables - a tweak, one of two in a line, one that begins with 0, a static of
    // a function - are moved and kept while the game stands still; then it is built.
    // Expect: in the file exactly those literals differ, each in its own manner, the mode stays;
    // the new build begins with the values that were there; nothing is moved any more.
    static const char *const MOVES[][3] = {{"SPEED", "120.5", "120.5"},
                                           {"rows", "42", "42"},
                                           {"grid", "true", "true"},
                                           {"update.ease", "-0.25", "-0.25"}};
    struct stat info;
    Session *session = start(place);
    assert_int_equal(chmod(place_path(place, GAME), 0640), 0);
    (void)SESSION_TELL(session, "pause");
    for (size_t i = 0; i < 4; i++) {
        (void)SESSION_TELL(session, "tweak", MOVES[i][0], MOVES[i][1]);
        assert_true(is_true(SESSION_TELL(session, "tweak", MOVES[i][0]), "moved"));
    }
    for (size_t i = 0; i < 4; i++) {
        assert_true(is_true(SESSION_TELL(session, "tweak", MOVES[i][0], "keep"), "written"));
    }
    assert_source(place, AFTER);
    assert_int_equal(stat(place_path(place, GAME), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    (void)SESSION_TELL(session, "resume");
    while (is_true(SESSION_TELL(session, "tweak", "update.ease"), "moved")) {
        (void)session_wait(session, "reload");
    }
    for (size_t i = 0; i < 4; i++) {
        assert_false(is_true(SESSION_TELL(session, "tweak", MOVES[i][0]), "moved"));
        assert_string_equal(field_text(SESSION_TELL(session, "get", MOVES[i][0]), "text"),
                            MOVES[i][2]);
    }
    assert_false(is_true(SESSION_TELL(session, "tweak", "rows", "keep"), "written"));
    session_quit(session);
    assert_int_equal(session_count(session, "fault"), 0);
}

static void what_cannot_be_kept_says_why(Place *place)
{
    // Scenario: a sum, a member of the state, a value outside of its limits, a name that is none, a
    // file that was edited while a compile error keeps the older build in play, a file without it.
    // Expect: refused with the reason; the file is as somebody left it.
    Session *session = start(place);
    (void)SESSION_TELL(session, "set", "sum", "5");
    refused(session, "sum", "keep", "2 * 2");
    refused(session, "far", "keep", "no variable");
    refused(session, "SPEED", "500", "0 to 400");
    refused(session, "SPED", "keep", "SPED");
    (void)SESSION_TELL(session, "tweak", "SPEED", "100");
    place_edit(place, GAME, "HL_TWEAK(SPEED, 90,", "oops HL_TWEAK(SPEED, 95,", RENAMED);
    (void)session_wait(session, "build_failed");
    refused(session, "SPEED", "keep", "has changed underneath");
    place_edit(place, GAME, "HL_TWEAK(SPEED, 95,", "HL_TWEAK(SPED, 95,", RENAMED);
    refused(session, "SPEED", "keep", "does not declare SPEED");
    place_remove(place, GAME);
    refused(session, "SPEED", "keep", "game.c");
    assert_false(place_exists(place, GAME));
    session_quit(session);
}

static void a_move_is_part_of_time(Place *place)
{
    // Scenario: paused, a tweak is moved; then a moment back.
    // Expect: it is what it was; and again what it was moved to, one moment on. All are listed,
    // also what begins with a 0 that somebody wrote.
    Session *session = start(place);
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "back");
    (void)SESSION_TELL(session, "tweak", "SPEED", "100");
    (void)SESSION_TELL(session, "back");
    assert_false(is_true(SESSION_TELL(session, "tweak", "SPEED"), "moved"));
    (void)SESSION_TELL(session, "seek", "+1");
    const json_t *all = SESSION_TELL(session, "tweak");
    const char *text = field_text(all, "text");
    assert_non_null(strstr(text, "SPEED = 100 (0 to 400; it began as 90)  game.c"));
    assert_non_null(strstr(text, "grid = false  game.c"));
    assert_non_null(strstr(text, "columns = 3"));
    session_quit(session);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(what_is_kept_is_built_and_stays),
        CASE(what_cannot_be_kept_says_why),
        CASE(a_move_is_part_of_time),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
