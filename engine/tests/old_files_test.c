// Recordings and saves that were made by a game with other structs.
#include "session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What v2 of the game is: fields in front, in the middle and gone, numbers of other types, a longer
// array, a variable of another type.
static void edit_structs(Place *place)
{
    static const char *const EDITS[][2] = {
        {"    short hp;\n", "    int stamina;\n    float hp;\n"},
        {"    short points;\n", "    double grade;\n    unsigned char points;\n"},
        {"    char name[8];\n    int worn; /* old */\n", "    char name[12];\n"},
        {"    /* game's new fields */\n", "    double wind;\n"},
        {"    int worth[4];\n    int armor; /* old */\n", "    long worth[6];\n"},
        {"static short score = 7;", "static long score = 7;"},
        {"    g->armor = 31; /* old */\n", ""},
        {"        g->best.worn = 12; /* old */\n", ""},
        {"    /* more words */\n",
         "    hl_log(t, \"new: stamina %d wind %g worth %d grade %g\", g->last->stamina, g->wind, "
         "(int)g->worth[5], g->best.grade);\n"},
    };
    for (size_t i = 0; i < sizeof(EDITS) / sizeof(EDITS[0]); i++) {
        place_edit(place, "game/growing.c", EDITS[i][0], EDITS[i][1], RENAMED);
    }
}

static const Output *play(Place *place, int exit_code, const char *file)
{
    const Output *said =
        PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--replay", file);
    if (said->exit_code != exit_code) {
        fail_msg("exit %d: %s%s", said->exit_code, said->err, said->out);
    }
    return said;
}

static void expect_said(const Output *said, const char *part)
{
    if (!strstr(said->err, part) && !strstr(said->out, part)) {
        fail_msg("nothing says \"%s\":\n%s%s", part, said->err, said->out);
    }
}

static void expect_not_said(const Output *said, const char *part)
{
    if (strstr(said->err, part) || strstr(said->out, part)) {
        fail_msg("it says \"%s\":\n%s%s", part, said->err, said->out);
    }
}

// The moments from 40 on of a session of v1, which has run for 60 ticks or more.
static void save_moments(Place *place, const char *file)
{
    place_game(place, "growing.c", "game/growing.c");
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "count 60 ");
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "save", place_path(place, file), "40", "60");
    (void)session_wait(session, "save");
    session_quit(session);
}

static void a_moment_plays_in_todays_structs(Place *place)
{
    // Scenario: ctl save of moments 40 to 60; then every struct of the game changes; the file is
    // played, and verified.
    // Expect: every field and variable, and every pointer, is what it was; the summary and the lost
    // field are said; verify says that it was played and not verified.
    save_moments(place, "moments.hlr");
    const Output *said = play(place, 0, "moments.hlr");
    expect_not_said(said, "other structs");
    edit_structs(place);
    said = play(place, 0, "moments.hlr");
    expect_said(said, "count 50 score 57 last hp 102 x 12.5 word a limping one next 0 chosen 1 "
                      "worth 30");
    expect_said(said, "count 60 score 67 last hp 102 x 15 word a limping one next 0 chosen 1 "
                      "worth 30");
    expect_said(said, "new: stamina 0 wind 0 worth 0 grade 0");
    expect_said(said, "made with other structs: ");
    expect_said(said, "hp short -> float");
    expect_said(said, "+stamina");
    expect_said(said, "Game.armor was 31");
    expect_said(said, "cannot be compared");
    expect_not_said(said, "diverged");
    said = PLACE_HOTLOOP(place, "verify", place_path(place, "moments.hlr"), "--game", place->game);
    assert_int_equal(said->exit_code, 1);
    expect_said(said, "moments.hlr: not comparable: recorded with other structs");
    expect_said(said, "+stamina");
    expect_said(said, "20 ticks were played");
}

static void the_game_decides_for_itself(Place *place)
{
    // Scenario: moments are saved; every struct changes, and the new build has a .migrate that
    // makes a new field out of an old one and an old variable; the file is played. Expect: it is
    // called once, with the old names and values.
    save_moments(place, "moments.hlr");
    edit_structs(place);
    place_edit(place, "game/growing.c", ".title = \"Growing\"",
               ".title = \"Growing\", .migrate = decide", RENAMED);
    place_edit(
        place, "game/growing.c", "HL_GAME(",
        "static void decide(void *state, hl_tick *t, const hl_old *old)\n"
        "{\n"
        "    Game *g = state;\n"
        "    g->wind += hl_old_number(old, \"armor\", 0) + hl_old_number(old, \"score\", 0);\n"
        "    g->last->stamina += (int)hl_old_number(old, \"worth[2]\", -1);\n"
        "    hl_log(t, \"decided\");\n"
        "}\n"
        "\n"
        "HL_GAME(",
        RENAMED);
    const Output *said = play(place, 0, "moments.hlr");
    expect_said(said, "decided");
    expect_said(said, "count 60 score 67 last hp 102 x 15 word a limping one next 0 chosen 1 ");
    expect_said(said, "new: stamina 20 wind 78 ");
}

static void moments_of_an_older_build_are_saved(Place *place)
{
    // Scenario: a session at moment 60 gets new code, plays on, and moments 40 to the last are
    // saved. Expect: the file begins with the variables that the old build had, and is verified.
    place_game(place, "growing.c", "game/growing.c");
    Session *session = session_start_game(place);
    (void)session_wait_log(session, "count 60 ");
    place_edit(place, "game/growing.c", "/* more words */", "hl_log(t, \"second\");", RENAMED);
    (void)session_wait_log(session, "second");
    (void)session_wait_log(session, "second");
    long long last = field_number(SESSION_TELL(session, "pause"), "tick");
    (void)SESSION_TELL(session, "save", place_path(place, "both.hlr"), "40",
                       place_text(place, "%lld", last));
    (void)session_wait(session, "save");
    session_quit(session);
    const Output *said = play(place, 0, "both.hlr");
    expect_said(said, "count 50 score 57 last hp 102 x 12.5 ");
    expect_not_said(said, "other structs");
    expect_not_said(said, "diverged");
    said = PLACE_HOTLOOP(place, "verify", place_path(place, "both.hlr"), "--game", place->game);
    assert_int_equal(said->exit_code, 0);
    expect_said(said, "same");
}

static void files_over_an_edit_of_structs_play(Place *place)
{
    // Scenario: a session is recorded; every struct changes while it runs; the moments around that
    // are saved; both files are played and verified.
    // Expect: they play in today's structs from their first moment on; neither diverges.
    place_game(place, "growing.c", "game/growing.c");
    Session *session =
        SESSION_START(place, place->game, "--headless", "--record", place_path(place, "all.hlr"));
    (void)session_wait_log(session, "count 60 ");
    edit_structs(place);
    (void)session_wait_field(session, "reload", "migrated", "+stamina");
    (void)session_wait_log(session, "new: ");
    (void)session_wait_log(session, "new: ");
    long long last = field_number(SESSION_TELL(session, "pause"), "tick");
    (void)SESSION_TELL(session, "save", place_path(place, "part.hlr"), "40",
                       place_text(place, "%lld", last));
    (void)session_wait(session, "save");
    session_quit(session);
    static const char *const FILES[] = {"all.hlr", "part.hlr"};
    for (size_t i = 0; i < 2; i++) {
        const Output *said = play(place, 0, FILES[i]);
        expect_said(said, "count 50 score 57 last hp 102 x 12.5 ");
        expect_said(said, "count 60 score 67 last hp 102 x 15 ");
        expect_said(said, "new: stamina 0 wind 0 ");
        expect_not_said(said, "diverged");
        said = PLACE_HOTLOOP(place, "verify", FILES[i], "--game", place->game);
        assert_int_equal(said->exit_code, 1);
        expect_said(said, "not comparable: recorded with other structs");
    }
}

static void a_loop_over_an_edit_loads_what_it_loaded(Place *place)
{
    // Scenario: a save is there; a loop plays with a tick that loads it; the struct of the save
    // changes while the loop plays.
    // Expect: the next pass loads what the tick was given then, in today's struct.
    place_game(place, "growing.c", "game/growing.c");
    place_write(place, "keys.txt", "5 tap S\n20 do loop\n30 tap L\n45 do loop\n", IN_PLACE);
    Session *session =
        SESSION_START(place, place->game, "--headless", "--script", place_path(place, "keys.txt"));
    (void)session_wait_log(session, "loaded 1 points 300 ");
    (void)session_wait_log(session, "loaded 1 points 300 ");
    place_edit(place, "game/growing.c", "    short points;\n",
               "    double grade;\n    unsigned char points;\n", RENAMED);
    (void)session_wait_field(session, "reload", "migrated", "Best: +grade");
    (void)session_wait_log(session, "loaded 1 points 255 name ada");
    (void)session_wait_log(session, "loaded 1 points 255 name ada");
    (void)SESSION_TELL(session, "loop");
    session_quit(session);
}

static void a_recording_from_its_beginning_plays(Place *place)
{
    // Scenario: --record from before init(), then every struct changes; played, verified, verified
    // with the sources that it was made with.
    // Expect: today's init() and today's structs, nothing diverges; verify says why it compared
    // nothing; the old sources verify it.
    place_game(place, "growing.c", "game/growing.c");
    const Output *said = PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks",
                                       "60", "--record", "all.hlr");
    assert_int_equal(said->exit_code, 0);
    char *sources = place_read(place, "game/growing.c", NULL);
    edit_structs(place);
    said = play(place, 0, "all.hlr");
    expect_said(said, "count 60 score 67 last hp 102 x 15 ");
    expect_said(said, "cannot be compared");
    expect_not_said(said, "diverged");
    said = PLACE_HOTLOOP(place, "verify", "all.hlr", "--game", place->game);
    assert_int_equal(said->exit_code, 1);
    expect_said(said, "all.hlr: not comparable: recorded with other structs");
    expect_said(said, "60 ticks were played");
    place_write(place, "game/growing.c", sources, RENAMED);
    free(sources);
    said = PLACE_HOTLOOP(place, "verify", "all.hlr", "--game", place->game);
    assert_int_equal(said->exit_code, 0);
    expect_said(said, "same");
}

static void structs_that_are_the_same_are_verified(Place *place)
{
    // Scenario: moments are saved; then the code is laid out otherwise, a function comes, a struct
    // that nothing holds changes, the sources move to another folder.
    // Expect: played and verified as ever.
    save_moments(place, "moments.hlr");
    place_edit(place, "game/growing.c", "/* more thoughts */\n",
               "typedef struct Other { int a, b; } Other;\n"
               "Other *other(Other *o);\nOther *other(Other *o) { o->a++; return o; }\n",
               RENAMED);
    char *sources = place_read(place, "game/growing.c", NULL);
    place_write(place, "elsewhere/growing.c", sources, IN_PLACE);
    free(sources);
    const Output *said = PLACE_HOTLOOP(place, "verify", place_path(place, "moments.hlr"), "--game",
                                       place_path(place, "elsewhere"));
    if (said->exit_code != 0) {
        fail_msg("%s%s", said->err, said->out);
    }
    expect_said(said, "same");
}

static void functions_and_texts_that_are_gone_are_named(Place *place)
{
    // Scenario: moments are saved; then a function that the state points at gets another name, and
    // a text that it points at changes. Expect: both are named, the text is readable, the game
    // plays up to the call; it used to be refused.
    save_moments(place, "moments.hlr");
    place_edit(place, "game/growing.c", "static void limp(", "static void hobble(", RENAMED);
    place_edit(place, "game/growing.c", "i == 2 ? limp : walk", "i == 2 ? hobble : walk", RENAMED);
    place_edit(place, "game/growing.c", "a limping one", "a hobbling one", RENAMED);
    place_edit(place, "game/growing.c", "        if (g->mobs[i].think) {",
               "        if (g->mobs[i].think && i < 2) {", RENAMED);
    const Output *said = play(place, 0, "moments.hlr");
    expect_said(said, "limp(), which is not in this build");
    expect_said(said, "count 60 score 67 last hp 102 x 10 word a limping one ");
    expect_not_said(said, "diverged");
}

static void damaged_types_cost_only_themselves(Place *place)
{
    // Scenario: the block of a file that says what its structs are has a bit turned; it is played
    // by the sources that it was made with, and by others. Expect: said and played; said and
    // refused before its first tick.
    save_moments(place, "moments.hlr");
    size_t size_bytes, at = 0;
    char *file = place_read(place, "moments.hlr", &size_bytes);
    while (at + 40 < size_bytes && memcmp(file + at, "TYPE", 4) != 0) {
        at++;
    }
    assert_true(at + 40 < size_bytes);
    file[at + 39] ^= 4;
    place_write_bytes(place, "moments.hlr", file, size_bytes, IN_PLACE);
    free(file);
    const Output *said = play(place, 0, "moments.hlr");
    expect_said(said, "block \"TYPE\"");
    expect_said(said, "count 60 score 67 last hp 102 x 15 ");
    expect_not_said(said, "diverged");
    edit_structs(place);
    said = play(place, 1, "moments.hlr");
    expect_said(said, "moments.hlr was recorded with a Game of ");
    expect_not_said(said, "count 50");
}

static void another_compiler_plays_it(Place *place)
{
    // Scenario: a recording of v1 by clang -O2, with a save and a load in it; v2 by gcc plays it.
    // Expect: every field, variable and pointer is what it was.
    if (!place_has_program("clang")) {
        return;
    }
    place_game(place, "growing.c", "game/growing.c");
    place_write(place, "keys.txt", "5 tap S\n15 tap L\n", IN_PLACE);
    Session *session = SESSION_START(place, place->game, "--headless", "--cc", "clang", "--cflags",
                                     "-O2", "--script", place_path(place, "keys.txt"));
    (void)session_wait_log(session, "count 60 ");
    (void)SESSION_TELL(session, "pause");
    (void)SESSION_TELL(session, "save", place_path(place, "clang.hlr"), "10", "60");
    (void)session_wait(session, "save");
    session_quit(session);
    edit_structs(place);
    const Output *said = play(place, 0, "clang.hlr");
    expect_said(said, "loaded 1 points 255 name ada");
    expect_said(said, "count 60 score 67 last hp 102 x 15 word a limping one next 0 chosen 1 "
                      "worth 30");
    expect_not_said(said, "not in this build");
    expect_not_said(said, "diverged");
}

static void a_save_of_other_structs_loads(Place *place)
{
    // Scenario: v1 saves; v2, whose struct has other fields, loads it while it is recorded; the
    // save goes away, and the recording is played. Expect: what fits is there, what does not is
    // named; the recording comes out the same without the save.
    place_game(place, "growing.c", "game/growing.c");
    place_write(place, "save.txt", "5 tap S\n", IN_PLACE);
    place_write(place, "load.txt", "5 tap L\n", IN_PLACE);
    const Output *said = PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks",
                                       "10", "--script", "save.txt");
    assert_int_equal(said->exit_code, 0);
    edit_structs(place);
    said = PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks", "20",
                         "--script", "load.txt", "--record", "load.hlr");
    assert_int_equal(said->exit_code, 0);
    expect_said(said, "loaded 1 points 255 name ada");
    expect_said(said, "save \"best\" was made with another Best than this build's");
    expect_said(said, "points was 300");
    expect_said(said, "worn was 12");
    place_remove(place, "data"); // where saves are
    said = play(place, 0, "load.hlr");
    expect_said(said, "loaded 1 points 255 name ada");
    expect_not_said(said, "diverged");
    expect_not_said(said, "cannot be compared");
}

static void a_recorded_save_of_other_structs_loads(Place *place)
{
    // Scenario: v1 saves and loads while it is recorded; v2 plays the recording.
    // Expect: what the recorded load gave becomes today's struct.
    place_game(place, "growing.c", "game/growing.c");
    place_write(place, "keys.txt", "5 tap S\n15 tap L\n", IN_PLACE);
    const Output *said = PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks",
                                       "30", "--script", "keys.txt", "--record", "v1.hlr");
    assert_int_equal(said->exit_code, 0);
    expect_said(said, "loaded 1 points 300 name ada");
    edit_structs(place);
    said = play(place, 0, "v1.hlr");
    expect_said(said, "loaded 1 points 255 name ada");
    expect_said(said, "points was 300");
}

static void a_save_of_another_name_is_refused(Place *place)
{
    // Scenario: v1 saves a Best; v2 calls the same struct otherwise.
    // Expect: it is left alone and said.
    place_game(place, "growing.c", "game/growing.c");
    place_write(place, "save.txt", "5 tap S\n", IN_PLACE);
    place_write(place, "load.txt", "5 tap L\n", IN_PLACE);
    (void)PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks", "10",
                        "--script", "save.txt");
    place_edit(place, "game/growing.c", "/* more thoughts */", "typedef Best Worst;", RENAMED);
    place_edit(place, "game/growing.c", "HL_LOAD(t, \"best\", Best,", "HL_LOAD(t, \"best\", Worst,",
               RENAMED);
    const Output *said = PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks",
                                       "20", "--script", "load.txt");
    expect_said(said, "holds another type than Worst");
    expect_said(said, "loaded 0 points 0");
}

static void without_debug_information_sizes_decide(Place *place)
{
    // Scenario: moments and a save of v1 built without -g; v2 with it.
    // Expect: both are refused as ever, and said.
    place_game(place, "growing.c", "game/growing.c");
    place_write(place, "keys.txt", "5 tap S\n", IN_PLACE);
    place_write(place, "load.txt", "5 tap L\n", IN_PLACE);
    const Output *said =
        PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks", "30",
                      "--script", "keys.txt", "--record", "bare.hlr", "--cflags", "-g0");
    assert_int_equal(said->exit_code, 0);
    edit_structs(place);
    said = play(place, 1, "bare.hlr");
    expect_said(said, "bare.hlr was recorded with");
    said = PLACE_HOTLOOP(place, "run", place->game, "--headless", "--fast", "--ticks", "20",
                         "--script", "load.txt");
    expect_said(said, "holds another type or size than Best");
    expect_said(said, "loaded 0 points 0");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest old_files[] = {
        CASE(a_moment_plays_in_todays_structs),
        CASE(the_game_decides_for_itself),
        CASE(moments_of_an_older_build_are_saved),
        CASE(files_over_an_edit_of_structs_play),
        CASE(a_loop_over_an_edit_loads_what_it_loaded),
        CASE(a_recording_from_its_beginning_plays),
        CASE(structs_that_are_the_same_are_verified),
        CASE(functions_and_texts_that_are_gone_are_named),
        CASE(damaged_types_cost_only_themselves),
        CASE(another_compiler_plays_it),
        CASE(a_save_of_other_structs_loads),
        CASE(a_recorded_save_of_other_structs_loads),
        CASE(a_save_of_another_name_is_refused),
        CASE(without_debug_information_sizes_decide),
    };
    session_arguments(argc, argv);
    return cmocka_run_group_tests(old_files, NULL, NULL);
}
