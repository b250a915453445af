// Two builds of the same sources: the second is no edit, and has to do the same as the first. The
// fast one is made by -O0 here, the full one by -O2; which they are is said by hand.
#include "live_testing.h"

#include "reflect_table.h"
#include "timeline_keep.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>

// Contents: the game, taking over, the seam, who plays instead, loops, files, other processes, many

// -D options: STEP, ODD (what the full build does otherwise), DIES, MORE_FIELDS, RATIO.
static const char TIERED[] =
    "#include <hotloop.h>\n"
    "#ifndef STEP\n"
    "#define STEP 1\n"
    "#endif\n"
    "#ifndef ODD\n"
    "#define ODD\n"
    "#endif\n"
    "#ifndef DIES\n"
    "#define DIES 0\n"
    "#endif\n"
    "#ifndef MORE_FIELDS\n"
    "#define MORE_FIELDS\n"
    "#endif\n"
    "#ifndef RATIO\n"
    "#define RATIO 2.5f\n"
    "#endif\n"
    "typedef struct Mob { char kind; double x; short hp; } Mob;\n"
    "typedef struct Game {\n"
    "    int count, reloads, migrations, keys;\n"
    "    int (*step)(int); const char *word; int *last; Mob mobs[4]; Mob *list; MORE_FIELDS\n"
    "} Game;\n"
    "static int total = 100; static float ratio = RATIO; static int cells[16];\n"
    "static int step_by(int x) { return x + STEP; }\n"
    "static void init(Game *s, hl_tick *t) { s->list = hl_new(t, Mob, 3); }\n"
    "static void update(Game *s, hl_tick *t)\n"
    "{\n"
    "    static int calls;\n"
    "    calls++; total += STEP; ratio += 1;\n"
    "    s->step = step_by; s->word = \"a word of this build\"; s->last = &cells[t->tick % 16];\n"
    "    *s->last = (int)t->tick;\n"
    "    s->count = s->step(s->count);\n"
    "    s->reloads += t->reloaded;\n"
    "    s->keys += hl_presses(t, HL_KEY_SPACE) * (int)(t->tick % 17);\n"
    "    Mob mob = {.kind = (char)calls, .x = (double)hl_sin((float)t->time), .hp = "
    "(short)total};\n"
    "    s->mobs[t->tick % 4] = mob; s->list[t->tick % 3] = mob;\n"
    "    if (t->tick % 8 == 0) { hl_trail(t, \"mob\", (float)t->tick, 1); }\n"
    "    HL_ASSERT(t, !(DIES));\n"
    "    ODD;\n"
    "}\n"
    "static void draw(const Game *s, hl_canvas *c) { (void)s; (void)c; }\n"
    "static void migrate(void *root, hl_tick *t, const hl_old *old)\n"
    "{ (void)old; (void)t; ((Game *)root)->migrations++; }\n"
    "HL_GAME(Game, init, update, draw, .title = \"Test\", .migrate = migrate);\n";

typedef struct Tiered {
    int count, reloads, migrations, keys;
    int (*step)(int);
    const char *word;
    int *last;
} Tiered;

static Tiered *tiered_of(Room *room)
{
    return room->live.host->state->root;
}

static void let_go(void *table)
{
    reflect_table_close(table);
}

// As the change lane hands them over.
static GameLib load(Room *room, const char *path, uint64_t sources, bool is_fast)
{
    GameLib lib;
    if (!gamelib_open(&lib, path, &room->lib_config, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    lib.about = reflect_table_open(lib.path, lib.image_first, &room->fault);
    lib.let_go = let_go;
    lib.sources = sources;
    lib.is_fast = is_fast;
    assert_non_null(lib.about);
    return lib;
}

static void swap_tier(Room *room, const char *path, uint64_t sources, bool is_fast)
{
    uint64_t swap_ns;
    GameLib lib = load(room, path, sources, is_fast);
    if (!live_swap(&room->live, &lib, &swap_ns, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
}

static void fast(Room *room, uint64_t sources, const char *a, const char *b)
{
    char path[FILE_PATH_MAX];
    build(room, path, "-O0", a, b);
    swap_tier(room, path, sources, true);
}

static void full(Room *room, uint64_t sources, const char *a, const char *b)
{
    char path[FILE_PATH_MAX];
    build(room, path, "-O2", a, b);
    swap_tier(room, path, sources, false);
}

// A full build that plays, with history; all ticks of fast ones are checked, however long that
// takes.
static void begin_with(Room *room, int synctest)
{
    assert_true(file_write(room->source, TIERED, strlen(TIERED), &room->fault));
    room->config.synctest = synctest;
    open_with_history(room);
    full(room, 1, NULL, NULL);
    play(room, 10);
}

static void begin(Room *room)
{
    begin_with(room, 1);
}

static void expect_same(const Room *room, uint32_t checked)
{
    const LiveSeam *seam = &room->live.seam;
    if (seam->differed > 0 || seam->is_new) {
        fail_msg("%s", seam->text);
    }
    if (seam->checked != checked) {
        fail_msg("%u checked: %s", seam->checked, seam->skipped);
    }
}

// ------------------------------------------------------------------------------------ taking over

static void the_full_build_is_no_edit(void **state)
{
    // Scenario: an edit's fast build plays ten ticks, its full build takes over and plays ten, then
    // the next edit comes.
    // Expect: the game is told of the two edits only; state, variables and pointers went on, also
    // those to code, which is the full build's; people count two edits; what the fast build had
    // played was run again and was the same.
    Room *room = *state;
    begin(room);
    fast(room, 2, "-DSTEP=10", NULL);
    assert_false(room->live.was_quiet);
    assert_int_equal(live_number(&room->live, room->live.generation), 2);
    play(room, 10);
    uint64_t hash = live_hash(&room->live), tick = live_tick_number(&room->live);
    full(room, 2, "-DSTEP=10", NULL);
    assert_true(room->live.was_quiet);
    expect_same(room, 10);
    assert_int_equal(live_number(&room->live, room->live.generation), 2);
    assert_int_equal(live_tick_number(&room->live), tick);
    assert_int_equal(live_hash(&room->live), hash);
    assert_int_equal(room->live.tier_carried.lost + room->live.tier_carried.gone, 0);
    assert_int_equal(room->live.tier_carried.changed, 0);
    Tiered *game = tiered_of(room);
    const GameLib *now = &room->live.now;
    assert_in_range((uintptr_t)game->step, now->image_first, now->image_end);
    assert_in_range((uintptr_t)game->last, now->globals_first, now->globals_end);
    assert_string_equal(game->word, "a word of this build");
    play(room, 10);
    assert_false(room->did.first_of_build);
    assert_int_equal(game->count, 10 + 200);
    assert_int_equal(game->reloads, 2);
    fast(room, 3, NULL, NULL);
    play(room, 1);
    assert_true(room->did.first_of_build);
    assert_int_equal(game->reloads, 3);
    assert_int_equal(live_number(&room->live, room->live.generation), 3);
}

static void what_was_not_told_yet_is_told_once(void **state)
{
    // Scenario: a field more and a variable less; the full build comes before a tick of the fast
    // one has run.
    // Expect: the first tick is told of one edit; what the edit changed is still known then; there
    // was no tick to check.
    Room *room = *state;
    begin(room);
    fast(room, 2, "-DMORE_FIELDS=int more;", NULL);
    char said[sizeof(room->live.migrated)];
    memcpy(said, room->live.migrated, sizeof(said));
    assert_non_null(strstr(said, "+more"));
    full(room, 2, "-DMORE_FIELDS=int more;", NULL);
    assert_true(room->live.was_quiet);
    expect_same(room, 0);
    assert_string_equal(room->live.seam.skipped, "the fast build ran no tick");
    assert_string_equal(room->live.migrated, said);
    play(room, 1);
    assert_true(room->did.first_of_build);
    play(room, 1);
    assert_false(room->did.first_of_build);
}

static void fast_builds_follow_each_other(void **state)
{
    // Scenario: three fast builds of three sources, a tick each; the full one of the last; a full
    // one of the second, as an undo brings it; a fast one over it.
    // Expect: each but the full one of what plays is an edit.
    Room *room = *state;
    static const struct {
        uint64_t sources;
        bool is_fast, is_quiet;
        const char *step;
    } BUILDS[] = {{2, true, false, "-DSTEP=2"},  {3, true, false, "-DSTEP=3"},
                  {4, true, false, "-DSTEP=4"},  {4, false, true, "-DSTEP=4"},
                  {3, false, false, "-DSTEP=3"}, {2, true, false, "-DSTEP=2"},
                  {0, false, false, "-DSTEP=5"}, {0, true, false, "-DSTEP=5"},
                  {0, false, false, "-DSTEP=5"}};
    static const int STEPS[] = {2, 3, 4, 4, 3, 2, 5, 5, 5};
    int count = 10, reloads = 1;
    begin(room);
    for (size_t i = 0; i < COUNT_OF(BUILDS); i++) {
        (BUILDS[i].is_fast ? fast : full)(room, BUILDS[i].sources, BUILDS[i].step, NULL);
        assert_int_equal(room->live.was_quiet, BUILDS[i].is_quiet);
        play(room, 1);
        count += STEPS[i];
        reloads += !BUILDS[i].is_quiet;
        assert_int_equal(tiered_of(room)->count, count);
        assert_int_equal(tiered_of(room)->reloads, reloads);
        assert_int_equal(live_number(&room->live, room->live.generation), reloads);
    }
}

static void the_past_of_the_fast_build_is_as_its_own(void **state)
{
    // Scenario: ten ticks of the fast build; five back, and the full build takes over there; two
    // recorded moments on; then played on.
    // Expect: what is recorded ahead counts as this code's; nothing is checked in the past; the
    // moments are what they were.
    Room *room = *state;
    LivePlace reached;
    begin(room);
    fast(room, 2, "-DSTEP=10", NULL);
    play(room, 10);
    assert_true(live_seek(&room->live, (LivePlace){0, 15}, &reached, &room->fault));
    uint64_t hash = live_hash(&room->live);
    full(room, 2, "-DSTEP=10", NULL);
    assert_true(room->live.was_quiet);
    assert_string_equal(room->live.seam.skipped, "an earlier moment is shown");
    assert_int_equal(live_hash(&room->live), hash);
    assert_true(live_recorded_ahead(&room->live));
    assert_true(live_seek(&room->live, (LivePlace){0, 17}, &reached, &room->fault));
    assert_int_equal(tiered_of(room)->count, 10 + 70);
    assert_true(live_seek(&room->live, (LivePlace){0, 5}, &reached, &room->fault));
    assert_true(live_recorded_ahead(&room->live) == false); // another edit's
    assert_true(live_seek(&room->live, (LivePlace){0, 20}, &reached, &room->fault));
    play(room, 1);
    assert_int_equal(tiered_of(room)->count, 10 + 110);
    assert_int_equal(tiered_of(room)->reloads, 2);
}

static void an_initialiser_worked_out_otherwise_is_no_edit(void **state)
{
    // Scenario: the two compilers made different numbers of one initialiser.
    // Expect: the live value goes on; of another sources it would be an edit that wins.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    FieldView view;
    Field field;
    char text[32];
    begin(room);
    fast(room, 2, "-DRATIO=0.5f", NULL);
    play(room, 4);
    full(room, 2, "-DRATIO=0.25f", NULL);
    assert_int_equal(room->live.tier_carried.changed, 0);
    assert_true(live_fields(&room->live, &view, &room->fault));
    assert_true(field_find(&view, "ratio", &field, &room->fault));
    field_text(&view, &field, text, sizeof(text));
    assert_string_equal(text, "4.5");
    build(room, path, "-O2", "-DRATIO=8.0f", NULL);
    swap_tier(room, path, 3, false);
    assert_true(live_fields(&room->live, &view, &room->fault));
    assert_true(field_find(&view, "ratio", &field, &room->fault));
    field_text(&view, &field, text, sizeof(text));
    assert_string_equal(text, "8");
}

static void trails_and_time_are_as_they_were(void **state)
{
    // Scenario: a trail over 40 ticks, the last 20 by the fast build; the full one takes over.
    // Expect: the points, the debug drawing, the timeline and what was said are untouched.
    Room *room = *state;
    begin(room);
    play(room, 10);
    fast(room, 2, NULL, NULL);
    play(room, 20);
    Host *host = room->live.host;
    size_t bytes = HOST_TRAIL_POINTS * sizeof(HostTrailPoint);
    HostTrailPoint *points = malloc(bytes);
    memcpy(points, host->trails[0].points, bytes);
    LiveSpan before, after;
    assert_true(live_span(&room->live, &before));
    uint32_t sounds = room->sound.cmd_count, lines = host->line_count, notes = host->note_count;
    full(room, 2, NULL, NULL);
    expect_same(room, 20);
    assert_memory_equal(points, host->trails[0].points, bytes);
    assert_true(live_span(&room->live, &after));
    assert_memory_equal(&before, &after, sizeof(before));
    assert_int_equal(room->sound.cmd_count, sounds);
    assert_int_equal(host->line_count, lines);
    assert_int_equal(host->note_count, notes);
    free(points);
}

// --------------------------------------------------------------------------------------- the seam

static void a_tick_that_differs_is_named(void **state)
{
    // Scenario: the full build counts otherwise from tick 19 on, in the state, in a block of it and
    // in a variable.
    // Expect: the first such tick, a field by its type, both values and how many more; the state is
    // the fast build's, and the full one plays on from it.
    Room *room = *state;
    begin(room);
    fast(room, 2, NULL, NULL);
    play(room, 10);
    full(room, 2, "-DODD=if (t->tick >= 19) { s->count += 5; s->list[0].hp = 7; total = 1; }",
         NULL);
    LiveSeam *seam = &room->live.seam;
    assert_true(seam->is_new);
    assert_int_equal(seam->checked, 10);
    assert_int_equal(seam->differed, 2);
    assert_int_equal(seam->tick, 19);
    assert_int_equal(seam->moment, 19);
    assert_string_equal(seam->field, "Game.count");
    assert_string_equal(seam->fast, "19");
    assert_string_equal(seam->full, "24");
    assert_int_equal(seam->more, 2);
    assert_string_equal(seam->text, "tick 19: Game.count was 19 in the fast build, and is 24 in "
                                    "the full one (and 2 more fields)");
    assert_int_equal(tiered_of(room)->count, 20);
    play(room, 1);
    assert_int_equal(tiered_of(room)->count, 26);
}

static void with_synctest_all_ticks_are_run_again(void **state)
{
    // Scenario: --synctest 1; 200 ticks of the fast build, of which the full one does tick 30
    // otherwise; then an edit whose two builds are the same.
    // Expect: all 200 are run again and one differs; all 100 of the next, and none does.
    Room *room = *state;
    begin(room);
    fast(room, 2, NULL, NULL);
    play(room, 200);
    full(room, 2, "-DODD=if (t->tick == 30) { s->keys += 3; }", NULL);
    assert_int_equal(room->live.seam.checked, 200);
    assert_int_equal(room->live.seam.differed, 1);
    assert_int_equal(room->live.seam.tick, 30);
    assert_string_equal(room->live.seam.field, "Game.keys");
    fast(room, 3, "-DMORE_FIELDS=int more;", NULL);
    play(room, 100);
    full(room, 3, "-DMORE_FIELDS=int more;", NULL);
    expect_same(room, 100);
    assert_int_equal(room->live.seams_checked, 300);
    assert_int_equal(room->live.seams, 1);
    assert_string_equal(room->live.desync.text, "");
}

static void padding_is_no_difference(void **state)
{
    // Scenario: the full build leaves other bytes in the padding of a struct.
    // Expect: the ticks are the same.
    Room *room = *state;
    begin(room);
    fast(room, 2, NULL, NULL);
    play(room, 5);
    full(room, 2, "-DODD=((char *)&s->mobs[1])[3] = 9; ((char *)s->list)[1] = (char)t->tick", NULL);
    expect_same(room, 5);
}

static void without_what_it_takes_nothing_is_checked(void **state)
{
    // Scenario: no history; then ticks that take longer than a frame has room for.
    // Expect: the full build plays all the same, and it is said why nothing was checked.
    Room *room = *state;
    assert_true(file_write(room->source, TIERED, strlen(TIERED), &room->fault));
    room->config.history_bytes = 0;
    open_again(room);
    full(room, 1, NULL, NULL);
    play(room, 3);
    fast(room, 2, NULL, NULL);
    play(room, 3);
    full(room, 2, NULL, NULL);
    assert_true(room->live.was_quiet);
    expect_same(room, 0);
    assert_string_equal(room->live.seam.skipped, "no history is kept");
    begin_with(room, 0);
    fast(room, 2, "-DODD=for (volatile int i = 0; i < 30000000; i++) {}", NULL);
    play(room, 3);
    full(room, 2, NULL, NULL);
    assert_true(room->live.was_quiet);
    expect_same(room, 0);
    assert_non_null(strstr(room->live.seam.skipped, "would take some"));
}

static void a_frame_has_time_for_a_few_ticks(void **state)
{
    // Scenario: 30 ticks of the fast build, without --synctest; the swap is prepared.
    // Expect: as many of the last three as there is time for are run again; if none, it is said.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    uint64_t swap_ns;
    begin_with(room, 0);
    fast(room, 2, NULL, NULL);
    play(room, 30);
    build(room, path, "-O2", NULL, NULL);
    GameLib lib = load(room, path, 2, false);
    assert_true(live_prepare(&room->live, &lib));
    while (!live_is_prepared(&room->live)) {
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
    assert_true(live_swap(&room->live, &lib, &swap_ns, &room->fault));
    const LiveSeam *seam = &room->live.seam;
    assert_int_equal(seam->differed, 0);
    assert_in_range(seam->checked, 0, 3);
    assert_int_equal(seam->checked == 0, seam->skipped[0] != '\0');
    play(room, 3);
    assert_int_equal(tiered_of(room)->count, 43);
}

static void what_was_loaded_is_loaded_again(void **state)
{
    // Scenario: each tick reads a save that another tick wrote over in the meantime.
    // Expect: the second run of a tick is given what the first was given: no difference.
    Room *room = *state;
    static const char ODD[] = "-DODD=int n = (int)t->tick; int m = 0; HL_LOAD(t, \"one\", int, &m);"
                              " s->keys += m; HL_SAVE(t, \"one\", int, &n)";
    begin(room);
    fast(room, 2, ODD, NULL);
    play(room, 10);
    full(room, 2, ODD, NULL);
    expect_same(room, 10);
}

// ------------------------------------------------------------------------------ who plays instead

static void a_full_build_that_dies_leaves_the_fast_one(void **state)
{
    // Scenario: an edit's fast build plays 20 ticks; its full build dies in its third.
    // Expect: the fast one plays on from the last good tick, and is told nothing; that it is the
    // same build is known. The number stays.
    Room *room = *state;
    begin(room);
    fast(room, 2, NULL, NULL);
    play(room, 20);
    full(room, 2, "-DDIES=t->tick==33", NULL);
    play(room, 2);
    assert_false(try_tick(room, false));
    assert_int_equal(room->live.stopped.kind, FAULT_NONE);
    assert_int_equal(room->live.end.put_aside, 3);
    assert_true(room->live.end.is_tier);
    assert_true(room->live.now.is_fast);
    assert_int_equal(room->live.generation, 2);
    assert_int_equal(tiered_of(room)->count, 32);
    play(room, 5);
    assert_int_equal(tiered_of(room)->count, 37);
    assert_int_equal(tiered_of(room)->reloads, 2);
    full(room, 2, NULL, NULL); // saved again: that is an edit
    assert_false(room->live.was_quiet);
    assert_int_equal(live_number(&room->live, room->live.generation), 3);
}

static void an_edit_that_dies_in_both_leaves_the_one_before(void **state)
{
    // Scenario: an edit dies in its thirtieth tick; the full build took over after twenty.
    // Expect: the fast one plays on, dies there too, and the edit before plays on, which is told.
    Room *room = *state;
    begin(room);
    fast(room, 2, "-DSTEP=10", "-DDIES=t->tick==40");
    play(room, 20);
    full(room, 2, "-DSTEP=10", "-DDIES=t->tick==40");
    play(room, 9);
    assert_false(try_tick(room, false));
    assert_true(room->live.end.is_tier);
    assert_false(try_tick(room, false));
    assert_int_equal(room->live.end.put_aside, 2);
    assert_false(room->live.end.is_tier);
    assert_int_equal(room->live.generation, 1);
    assert_int_equal(room->live.stopped.kind, FAULT_NONE);
    play(room, 1);
    assert_true(room->did.first_of_build);
    assert_int_equal(tiered_of(room)->count, 10 + 290 + 1);
}

static void the_first_second_is_the_edits(void **state)
{
    // Scenario: an edit plays 50 ticks by the fast build and 20 by the full one, and dies.
    // Expect: the full one is put aside, being new; the fast one dies as well, and the game stands
    // still, as it would for an edit that has played a second.
    Room *room = *state;
    begin(room);
    fast(room, 2, "-DDIES=t->tick>=81", NULL);
    play(room, 50);
    full(room, 2, "-DDIES=t->tick>=81", NULL);
    play(room, 20);
    assert_false(try_tick(room, false));
    assert_true(room->live.end.is_tier);
    assert_false(try_tick(room, false));
    assert_int_equal(room->live.end.put_aside, 0);
    assert_int_equal(room->live.stopped.kind, FAULT_GAME);
    assert_true(room->live.now.is_fast);
}

static void a_fast_build_that_died_is_followed_by_the_full_one(void **state)
{
    // Scenario: the fast build dies at once and is put aside; then its full build comes, which
    // does not die.
    // Expect: the edit, which is told, under the number that it had.
    Room *room = *state;
    begin(room);
    fast(room, 2, "-DSTEP=10", "-DDIES=1");
    assert_false(try_tick(room, false));
    assert_int_equal(room->live.generation, 1);
    full(room, 2, "-DSTEP=10", NULL);
    assert_false(room->live.was_quiet);
    assert_int_equal(live_number(&room->live, room->live.generation), 2);
    play(room, 1);
    assert_true(room->did.first_of_build);
    assert_int_equal(tiered_of(room)->count, 20);
}

static void a_tick_that_dies_in_the_full_build_alone_is_named(void **state)
{
    // Scenario: the full build cannot do the last tick but one that the fast one ran.
    // Expect: that is said, and the full one plays on from the state as it is.
    Room *room = *state;
    begin(room);
    fast(room, 2, NULL, NULL);
    play(room, 10);
    full(room, 2, "-DDIES=t->tick==19", NULL);
    assert_true(room->live.seam.is_new);
    assert_string_equal(room->live.seam.field, "");
    assert_non_null(strstr(room->live.seam.text, "tick 19, which the fast build had run, ends"));
    assert_int_equal(tiered_of(room)->count, 20);
    play(room, 1);
    assert_int_equal(tiered_of(room)->count, 21);
    assert_false(room->live.now.is_fast);
}

// ------------------------------------------------------------------------------------------ loops

static void a_loop_goes_on_where_it_is(void **state)
{
    // Scenario: a loop of ten ticks from before an edit that adds a field, which has a .migrate;
    // the fast build plays it two and a half times, the full one takes over.
    // Expect: the loop goes on with the tick that is next; each pass ends with the same state; the
    // first moment is fitted to the edit once, and only turned for the full build.
    Room *room = *state;
    begin(room);
    assert_int_equal(press_loop(room), LIVE_LOOP_RECORD);
    play(room, 10);
    assert_int_equal(press_loop(room), LIVE_LOOP_PLAY);
    play(room, 10);
    fast(room, 2, "-DSTEP=3", "-DMORE_FIELDS=int more;");
    play(room, 20); // the first pass is told that it is another build
    uint64_t hash = live_hash(&room->live);
    play(room, 5);
    assert_int_equal(room->live.loop_at, 5);
    full(room, 2, "-DSTEP=3", "-DMORE_FIELDS=int more;");
    expect_same(room, 5);
    assert_int_equal(room->live.loop, LIVE_LOOP_PLAY);
    assert_int_equal(room->live.loop_at, 5);
    play(room, 5);
    assert_false(room->did.wrapped);
    assert_int_equal(live_hash(&room->live), hash);
    for (int pass = 0; pass < 2; pass++) {
        play(room, 1);
        assert_true(room->did.wrapped);
        play(room, 9);
        assert_int_equal(live_hash(&room->live), hash);
        assert_int_equal(tiered_of(room)->migrations, 1);
    }
}

// ------------------------------------------------------------------------------------------ files

static void verify_as(Room *room, const char *path, uint64_t ticks)
{
    LiveVerify verify = {0};
    live_close(&room->live);
    room->config.record_path = NULL;
    room->config.replay = replay_open(room->replay_path, NULL, &room->fault);
    assert_non_null(room->config.replay);
    open_again(room);
    swap_tier(room, path, 3, false);
    while (!verify.ended && !verify.diverged) {
        if (!live_verify(&room->live, 64, &verify, &room->fault)) {
            fail_msg("%s", room->fault.text);
        }
    }
    if (verify.diverged) {
        fail_msg("%llu %s", (unsigned long long)verify.moment, verify.where);
    }
    assert_false(verify.other_structs);
    assert_int_equal(verify.ticks, ticks);
    assert_int_equal(verify.checked > 0, true);
}

static void a_recording_over_both_tiers_plays_with_the_full_build(void **state)
{
    // Scenario: a recording that the fast build of some sources begins and the full one goes on
    // with, past a keyframe; a rewind in between. It is verified with the full build, joined at the
    // keyframe, and played.
    // Expect: all of it comes out the same; the game was told of no reload.
    Room *room = *state;
    char fast_path[FILE_PATH_MAX], full_path[FILE_PATH_MAX];
    LivePlace reached;
    assert_true(file_write(room->source, TIERED, strlen(TIERED), &room->fault));
    build(room, fast_path, "-O0", NULL, NULL);
    build(room, full_path, "-O2", NULL, NULL);
    room->config.record_path = room->replay_path;
    open_with_history(room);
    swap_tier(room, fast_path, 3, true);
    play(room, 50);
    assert_true(live_seek(&room->live, (LivePlace){0, 40}, &reached, &room->fault));
    play(room, 20);
    swap_tier(room, full_path, 3, false);
    assert_true(room->live.was_quiet);
    assert_int_equal(room->live.seam.differed, 0);
    play(room, 640);
    uint64_t hash = live_hash(&room->live);
    assert_int_equal(tiered_of(room)->reloads, 1);
    verify_as(room, full_path, 700);
    assert_true(live_replay_join(&room->live, 650, &room->fault));
    assert_in_range(room->live.moment, 600, 650);
    assert_int_equal(tiered_of(room)->count, room->live.moment);
    while (try_tick(room, false) && room->did.ran) {
    }
    assert_int_equal(live_hash(&room->live), hash);
    live_close(&room->live);
    replay_close(room->config.replay);
    room->config.replay = NULL;
}

static void a_file_out_of_history_plays_with_the_full_build(void **state)
{
    // Scenario: the last 30 moments are saved, ten before and twenty after the full build took
    // over.
    // Expect: played with the full build they come out the same.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    LiveSaved saved = {0};
    begin(room);
    fast(room, 3, "-DSTEP=4", NULL);
    play(room, 30);
    build(room, path, "-O2", "-DSTEP=4", NULL);
    swap_tier(room, path, 3, false);
    play(room, 20);
    assert_true(live_save_begin(&room->live, room->replay_path, 30, 60, &room->fault));
    while (!live_save_done(&room->live, &saved)) {
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
    assert_true(saved.ok);
    verify_as(room, path, 30);
    live_close(&room->live);
    replay_close(room->config.replay);
    room->config.replay = NULL;
}

// -------------------------------------------------------------------------------- other processes

typedef struct Left {
    int store, history;
    uint64_t hash, generation;
    uintptr_t images[2][2]; // of the libraries: first, end
} Left;

// A session of its own that stays as it is until it is killed.
static void play_elsewhere(Room *room, int to)
{
    room->config.kept = true;
    begin(room);
    fast(room, 2, "-DSTEP=10", NULL);
    play(room, 10);
    int store = timeline_handles(room->live.timeline).store;
    const GameLib *libs[] = {&room->live.now, &room->live.retired[0].lib};
    Left left = {.store = store,
                 .history = memfd_create("history", 0),
                 .hash = live_hash(&room->live),
                 .generation = room->live.generation};
    for (size_t i = 0; i < COUNT_OF(libs); i++) {
        left.images[i][0] = libs[i]->image_first;
        left.images[i][1] = libs[i]->image_end;
    }
    live_keep(&room->live);
    assert_true(timeline_hand_over(room->live.timeline, left.history, &room->fault));
    bool told = write(to, &left, sizeof(left)) == sizeof(left);
    close(to);
    while (told) {
        pause();
    }
    _exit(1);
}

static int open_of(pid_t child, int descriptor)
{
    char path[64];
    (void)text_format(path, sizeof(path), "/proc/%d/fd/%d", (int)child, descriptor);
    return open(path, O_RDWR | O_CLOEXEC);
}

static void the_next_process_knows_the_tiers(void **state)
{
    // Scenario: a process dies while a fast build plays; another one goes on, and the full build
    // comes.
    // Expect: it takes over as it would have before, under the same number, and plays on.
    Room *room = *state;
    int pipes[2];
    Left left;
    assert_int_equal(pipe(pipes), 0);
    live_close(&room->live); // its threads would not be in the child
    pid_t child = fork();
    if (child == 0) {
        play_elsewhere(room, pipes[1]);
    }
    close(pipes[1]); // so that a child that fails ends the wait
    assert_int_equal(read(pipes[0], &left, sizeof(left)), sizeof(left));
    Arena held[2];
    for (size_t i = 0; i < COUNT_OF(held); i++) { // before anything else is mapped there
        uintptr_t first = left.images[i][0], end = left.images[i][1];
        assert_true(arena_open(&held[i], first, end - first, &room->fault));
    }
    LiveKept kept = {.store = open_of(child, left.store),
                     .history = open_of(child, left.history),
                     .gamelib = room->lib_config,
                     .held = held,
                     .held_count = COUNT_OF(held)};
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(kept.store >= 0 && kept.history >= 0);
    assert_true(file_write(room->source, TIERED, strlen(TIERED), &room->fault));
    room->config.kept = true;
    room->config.history_bytes = 64u << 20;
    open_again(room);
    if (!live_resume(&room->live, &kept, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    room->libraries = 50; // names that the other process has not used
    assert_true(room->live.now.is_fast);
    assert_int_equal(room->live.now.sources, 2);
    assert_int_equal(room->live.generation, left.generation);
    assert_int_equal(live_hash(&room->live), left.hash);
    full(room, 2, "-DSTEP=10", NULL);
    assert_true(room->live.was_quiet);
    assert_int_equal(live_number(&room->live, room->live.generation), 2);
    assert_false(room->live.seam.is_new);
    assert_int_equal(live_hash(&room->live), left.hash);
    play(room, 5);
    assert_int_equal(tiered_of(room)->reloads, 2);
    assert_int_equal(tiered_of(room)->count, 10 + 150);
    close(kept.store);
    close(kept.history);
    close(pipes[0]);
}

// ------------------------------------------------------------------------------------------- many

static void both_tiers_of_an_edit_are_one_of_those_that_are_kept(void **state)
{
    // Scenario: 40 edits, of each the fast build plays five ticks and the full one 65.
    // Expect: of the last 32 edits all that was played is still there, as it was; what is older was
    // let go.
    enum { EDITS = 40, FAST = 5, FULL = 65 };
    Room *room = *state;
    char paths[2][2][FILE_PATH_MAX];
    LiveSpan span;
    LivePlace reached;
    begin(room);
    for (int i = 0; i < 2; i++) {
        build(room, paths[i][0], "-O0", i ? "-DMORE_FIELDS=int more;" : NULL, NULL);
        build(room, paths[i][1], "-O2", i ? "-DMORE_FIELDS=int more;" : NULL, NULL);
    }
    for (uint64_t i = 0; i < EDITS; i++) {
        swap_tier(room, paths[i % 2][0], 10 + i, true);
        play(room, FAST);
        swap_tier(room, paths[i % 2][1], 10 + i, false);
        assert_true(room->live.was_quiet);
        expect_same(room, FAST);
        play(room, FULL);
        while (live_housekeeping(&room->live, UINT64_MAX)) {
        }
    }
    assert_int_equal(live_number(&room->live, room->live.generation), EDITS + 1);
    assert_true(live_span(&room->live, &span));
    assert_true(span.first > 0);
    assert_true(span.last - span.first >= 31 * (FAST + FULL));
    for (uint64_t at = span.first; at < span.last; at += 61) {
        assert_true(live_seek(&room->live, (LivePlace){0, at}, &reached, &room->fault));
        assert_int_equal(room->live.stopped.kind, FAULT_NONE);
        assert_int_equal(tiered_of(room)->count, at);
    }
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
    const struct CMUnitTest tests[] = {
        CASE(the_next_process_knows_the_tiers), // before anything else has taken its addresses
        CASE(the_full_build_is_no_edit),
        CASE(what_was_not_told_yet_is_told_once),
        CASE(fast_builds_follow_each_other),
        CASE(the_past_of_the_fast_build_is_as_its_own),
        CASE(an_initialiser_worked_out_otherwise_is_no_edit),
        CASE(trails_and_time_are_as_they_were),
        CASE(a_tick_that_differs_is_named),
        CASE(with_synctest_all_ticks_are_run_again),
        CASE(padding_is_no_difference),
        CASE(a_frame_has_time_for_a_few_ticks),
        CASE(without_what_it_takes_nothing_is_checked),
        CASE(what_was_loaded_is_loaded_again),
        CASE(a_full_build_that_dies_leaves_the_fast_one),
        CASE(an_edit_that_dies_in_both_leaves_the_one_before),
        CASE(the_first_second_is_the_edits),
        CASE(a_fast_build_that_died_is_followed_by_the_full_one),
        CASE(a_tick_that_dies_in_the_full_build_alone_is_named),
        CASE(a_loop_goes_on_where_it_is),
        CASE(a_recording_over_both_tiers_plays_with_the_full_build),
        CASE(a_file_out_of_history_plays_with_the_full_build),
        CASE(both_tiers_of_an_edit_are_one_of_those_that_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
