#include "live_when.h"

#include "live_testing.h"

#include <math.h>

// Contents: the game, fields over history, other builds, series, conditions, breaks.

enum { MOBS = 100, MOMENTS_MAX = 4096 };

#define TYPES                                                                                      \
    typedef enum Mood { CALM, ANGRY, WILD } Mood;                                                  \
    typedef struct Creature {                                                                      \
        double x;                                                                                  \
        int id;                                                                                    \
    } Creature;                                                                                    \
    typedef struct World {                                                                         \
        int count;                                                                                 \
        Creature *mobs, *target;                                                                   \
        unsigned flag : 3;                                                                         \
        int wide : 20;                                                                             \
        Mood mood;                                                                                 \
        bool on;                                                                                   \
        float ratio;                                                                               \
        long long big;                                                                             \
        unsigned char small;                                                                       \
        char name[8];                                                                              \
    } World

TYPES;

// -DMOVED puts fields in front of all others, -DRENAMED gives one another name.
static const char SOURCE[] =
    "#include <hotloop.h>\n"
    "typedef enum Mood { CALM, ANGRY, WILD } Mood;\n"
    "#ifdef MOVED\n"
    "typedef struct Creature { long added[2]; double x; int id; } Creature;\n"
    "typedef struct World { long added[5]; int count; Creature *mobs, *target; unsigned flag : 3;\n"
    "    int wide : 20; Mood mood; bool on; float ratio; long long big; unsigned char small;\n"
    "    char name[8]; } World;\n"
    "#else\n"
    "typedef struct Creature { double x; int id; } Creature;\n"
    "typedef struct World { int count; Creature *mobs, *target; unsigned flag : 3; int wide : 20;\n"
    "    Mood mood; bool on; float ratio; long long big; unsigned char small; char name[8]; }\n"
    "    World;\n"
    "#endif\n"
    "static int beats;\n"
    "static const Creature GOAL = {.x = 4.5, .id = 77};\n"
    "const Creature *goal = &GOAL;\n"
    "static void init(World *w, hl_tick *t) { w->mobs = hl_new(t, Creature, 100); }\n"
    "static void update(World *w, hl_tick *t)\n"
    "{\n"
    "    (void)t;\n"
    "    int n = ++w->count;\n"
    "    beats = n * 3;\n"
    "    w->mobs[n % 100].id += n;\n"
    "    w->mobs[3].x = n / 8 * 0.5;\n"
    "    w->target = n % 9 == 0 ? 0 : &w->mobs[n * 7 % 100];\n"
    "    w->flag = n; w->wide = -n; w->mood = n / 10 % 3; w->on = n % 4 == 1;\n"
    "    w->ratio = n >= 40 && n < 60 ? (float)__builtin_nan(\"\") : n * 0.25f;\n"
    "    w->big = -1000000007LL * n; w->small = n;\n"
    "}\n"
    "static void draw(const World *w, hl_canvas *c) { (void)w; (void)c; }\n"
    "HL_GAME(World, init, update, draw);\n";

static void let_go(void *table)
{
    reflect_table_close(table);
}

static void swap_typed(Room *room, const char *flags)
{
    GameLib lib;
    uint64_t swap_ns;
    char path[FILE_PATH_MAX];
    build(room, path, flags, NULL, NULL);
    if (!gamelib_open(&lib, path, &room->lib_config, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    lib.about = reflect_table_open(lib.path, lib.image_first, &room->fault);
    lib.let_go = let_go;
    assert_non_null(lib.about);
    if (!live_swap(&room->live, &lib, &swap_ns, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
}

static void begin(Room *room)
{
    assert_true(file_write(room->source, SOURCE, strlen(SOURCE), &room->fault));
    open_with_history(room);
    swap_typed(room, NULL);
    play(room, 1);
    assert_true(live_remember(&room->live, &room->fault));
}

static World *world(Room *room)
{
    return room->live.host->state->root;
}

static void go(Room *room, LivePlace place)
{
    LivePlace reached;
    if (!live_seek(&room->live, place, &reached, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    assert_int_equal(reached.moment, place.moment);
}

static LivePlace here(const Room *room)
{
    LiveSpan span;
    assert_true(live_span(&room->live, &span));
    return (LivePlace){span.branch, span.here};
}

// ----------------------------------------------------------------------------- fields over history

typedef struct Seen {
    LiveSample samples[MOMENTS_MAX];
    uint32_t count;
} Seen;

static bool see(void *with, const LiveSample *sample)
{
    Seen *seen = with;
    assert_true(seen->count < MOMENTS_MAX);
    assert_true(seen->count == 0 || sample->moment == seen->samples[seen->count - 1].moment - 1);
    seen->samples[seen->count++] = *sample;
    return true;
}

static const Seen *trace(Room *room, const char *path, LivePlace from, uint64_t first)
{
    static Seen seen; // too large for a stack
    seen.count = 0;
    if (!live_trace(&room->live, path, from, first, see, &seen, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    return &seen;
}

// What update() left in the tick that made the moment.
static bool expected(const char *path, int n, double *value)
{
    static const float QUARTER = 0.25f;
    bool is_null = n % 9 == 0;
    int target = n * 7 % 100, sum = 0;
    for (int i = target; i <= n; i += 100) {
        sum += i;
    }
    *value = strcmp(path, "count") == 0              ? n
             : strcmp(path, "beats") == 0            ? n * 3
             : strcmp(path, "flag") == 0             ? n % 8
             : strcmp(path, "wide") == 0             ? -n
             : strcmp(path, "mood") == 0             ? n / 10 % 3
             : strcmp(path, "on") == 0               ? n % 4 == 1
             : strcmp(path, "big") == 0              ? -1000000007.0 * n
             : strcmp(path, "small") == 0            ? n % 256
             : strcmp(path, "mobs[3].x") == 0        ? n / 8 * 0.5
             : strcmp(path, "goal->id") == 0         ? 77
             : strcmp(path, "target->id") == 0       ? sum
             : strcmp(path, "ratio") == 0 && n < 40  ? (double)((float)n * QUARTER)
             : strcmp(path, "ratio") == 0 && n >= 60 ? (double)((float)n * QUARTER)
                                                     : (double)NAN;
    return !(is_null && strcmp(path, "target->id") == 0);
}

static const char *const PATHS[] = {"count",     "beats",    "flag",       "wide",
                                    "mood",      "on",       "big",        "small",
                                    "mobs[3].x", "goal->id", "target->id", "ratio"};

static void assert_sample(const char *path, const LiveSample *sample, int n)
{
    double value;
    bool has = expected(path, n, &value);
    if (sample->has != has
        || (has && sample->value != value && !(isnan(value) && isnan(sample->value)))) {
        fail_msg("%s at count %d: %s %g, expected %s %g", path, n, sample->has ? "has" : "nothing",
                 sample->value, has ? "has" : "nothing", value);
    }
}

static void a_field_has_its_value_in_every_moment(void **state)
{
    Room *room = *state;
    // Scenario: 600 ticks; fields of every kind, a static, what lies behind a pointer that leads to
    // one of a hundred others in each tick and is NULL in every ninth, a constant's member; from
    // the end, and from the middle while standing at the beginning.
    // Expect: what the game wrote in each of the ticks, NaN among it; nothing where it was NULL.
    begin(room);
    play(room, 599);
    LivePlace last = here(room);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
            uint64_t from = pass == 0 ? last.moment : 300, first = pass == 0 ? 1 : 250;
            const Seen *seen = trace(room, PATHS[i], (LivePlace){last.branch, from}, first);
            assert_int_equal(seen->count, from - first + 1);
            for (uint32_t k = 0; k < seen->count; k++) {
                assert_sample(PATHS[i], &seen->samples[k], (int)seen->samples[k].moment);
            }
        }
        go(room, (LivePlace){last.branch, 1});
        assert_int_equal(world(room)->count, 1);
    }
}

static void what_has_no_value_is_refused(void **state)
{
    Room *room = *state;
    // Scenario: a struct, a text, a name that is none, a branch that is none; no history.
    // Expect: refused by name.
    Seen *none = NULL;
    begin(room);
    play(room, 5);
    assert_false(live_trace(&room->live, "mobs[0]", here(room), 0, see, none, &room->fault));
    assert_non_null(strstr(room->fault.text, "no number"));
    assert_false(live_trace(&room->live, "name", here(room), 0, see, none, &room->fault));
    assert_false(live_trace(&room->live, "cuont", here(room), 0, see, none, &room->fault));
    assert_non_null(strstr(room->fault.text, "count"));
    assert_false(live_trace(&room->live, "count", (LivePlace){99, 3}, 0, see, none, &room->fault));
    room->config.history_bytes = 0;
    open_again(room);
    swap_typed(room, NULL);
    play(room, 3);
    assert_false(live_trace(&room->live, "count", (LivePlace){0, 3}, 0, see, none, &room->fault));
    assert_non_null(strstr(room->fault.text, "history"));
}

static void an_allocation_is_known_by_where_it_is_now(void **state)
{
    Room *room = *state;
    // Scenario: the same element by the state's pointer, by its type, and by type and address.
    // Expect: the same values in all moments.
    char path[64];
    begin(room);
    play(room, 99);
    (void)text_format(path, sizeof(path), "Creature@%p[3].x", (void *)world(room)->mobs);
    const char *const names[] = {"Creature[3].x", "Creature#0[3].x", path};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const Seen *seen = trace(room, names[i], here(room), 1);
        assert_int_equal(seen->count, 100);
        for (uint32_t k = 0; k < seen->count; k++) {
            assert_sample("mobs[3].x", &seen->samples[k], (int)seen->samples[k].moment);
        }
    }
}

static void moments_of_other_builds_are_read_as_theirs(void **state)
{
    Room *room = *state;
    // Scenario: 100 ticks, a build whose structs have other fields in front, 100 more; then back to
    // moment 50 and on from there with the new build.
    // Expect: every field as it was, on both branches; what only the new one has is nothing before.
    begin(room);
    play(room, 99);
    swap_typed(room, "-DMOVED");
    play(room, 100);
    LivePlace last = here(room);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < COUNT_OF(PATHS); i++) {
            const Seen *seen = trace(room, PATHS[i], last, 1);
            assert_int_equal(seen->count, last.moment);
            for (uint32_t k = 0; k < seen->count; k++) {
                assert_sample(PATHS[i], &seen->samples[k], (int)seen->samples[k].moment);
            }
        }
        const Seen *added = trace(room, "added[2]", last, 1);
        for (uint32_t k = 0; k < added->count; k++) {
            bool is_new = added->samples[k].moment > (pass == 0 ? 100u : 50u);
            assert_int_equal(added->samples[k].has, is_new);
        }
        if (pass == 0) {
            go(room, (LivePlace){last.branch, 50});
            play(room, 30);
            last = here(room);
        }
    }
}

// ----------------------------------------------------------------------------------------- series

static void assert_series(Room *room, LiveSeries *series, const char *path, LivePlace place,
                          uint64_t first)
{
    const Seen *seen = trace(room, path, place, first);
    for (uint32_t k = 0; k < seen->count; k++) {
        double value = 0;
        const LiveSample *sample = &seen->samples[k];
        bool has = live_series_value(series, sample->moment, &value);
        assert_int_equal(has, sample->has);
        assert_true(!has || value == sample->value || (isnan(value) && isnan(sample->value)));
    }
}

static void a_series_is_what_the_trace_says(void **state)
{
    Room *room = *state;
    // Scenario: a series that is brought up to date while the game plays, goes back, plays on from
    // there (which forks), goes to the other branch, is asked for more of the past, for another
    // path, for a part at a time.
    // Expect: at each time the same values as a trace of all of it; with little time more each
    // time, newest first, and at last all.
    static LiveSeries series;
    LiveSeries *all = &series;
    begin(room);
    play(room, 300);
    LivePlace at = here(room);
    assert_true(live_series_update(all, &room->live, "ratio", at, 200, 0));
    assert_series(room, all, "ratio", at, 200);
    play(room, 50);
    assert_true(live_series_update(all, &room->live, "ratio", here(room), 30, 0));
    assert_series(room, all, "ratio", here(room), 30);
    go(room, (LivePlace){at.branch, 120});
    assert_true(live_series_update(all, &room->live, "ratio", here(room), 10, 0));
    play(room, 40);
    assert_true(here(room).branch != at.branch);
    assert_true(live_series_update(all, &room->live, "ratio", here(room), 1, 0));
    assert_series(room, all, "ratio", here(room), 1);
    go(room, (LivePlace){at.branch, 350});
    assert_true(live_series_update(all, &room->live, "ratio", here(room), 1, 0));
    assert_series(room, all, "ratio", here(room), 1);
    assert_true(live_series_update(all, &room->live, "target->id", here(room), 1, 0));
    assert_series(room, all, "target->id", here(room), 1);
    assert_false(live_series_update(all, &room->live, "mobs", here(room), 1, 0)
                 && all->fault.kind != FAULT_NONE);
    int calls = 1;
    uint64_t known = 351;
    while (!live_series_update(all, &room->live, "count", here(room), 1, 1)) {
        assert_true(all->first < known && all->last == 350);
        known = all->first;
        calls++;
    }
    assert_true(calls > 2);
    assert_series(room, all, "count", here(room), 1);
    live_series_close(all);
}

// ------------------------------------------------------------------------------------- conditions

static LiveCondition condition(Room *room, const char *text)
{
    LiveCondition condition;
    if (!live_condition(&room->live, text, &condition, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    return condition;
}

static void the_last_moment_at_which_it_became_so(void **state)
{
    Room *room = *state;
    // Scenario: 200 ticks, then when each of some conditions became true.
    // Expect: the moment, what it was before and after; not once and from the oldest on are told
    // apart.
    static const struct {
        const char *text;
        uint64_t moment; // 0: not found
        bool since_oldest;
        const char *before, *after;
    } CASES[] = {
        {"ratio nan", 40, false, "9.75", "nan"},
        {"ratio  !=  0.25", 2, false, "0.25", "0.5"},
        {"ratio > 16.5", 67, false, "16.5", "16.75"},
        {"count >= 120", 120, false, "119", "120"},
        {"count < 1", 0, true, "", ""},
        {"count > 1000", 0, false, "", ""},
        {"count <= 1000", 0, true, "", ""},
        {"mood == WILD", 200, false, "ANGRY", "WILD"},
        {"mood == 0", 180, false, "WILD", "CALM"},
        {"on == true", 197, false, "false", "true"},
        {"mobs[3].x changes", 200, false, "12", "12.5"},
        {"target == NULL", 198, false, "", "NULL"},
        {"target->id changes", 200, false, "", ""},
        {"big changes", 200, false, "-199000001393", "-200000001400"},
        {"goal->id changes", 0, false, "", ""},
        {"small < 0.5", 0, true, "", ""},
        {"wide = -77", 77, false, "-76", "-77"},
        {"beats == 303", 101, false, "300", "303"},
    };
    begin(room);
    play(room, 199);
    for (size_t i = 0; i < COUNT_OF(CASES); i++) {
        LiveCondition one = condition(room, CASES[i].text);
        LiveWhen when;
        char text[64];
        assert_true(live_when(&room->live, &one, here(room), &when, &room->fault));
        if (when.found != (CASES[i].moment > 0) || when.since_oldest != CASES[i].since_oldest
            || (when.found && when.after.moment != CASES[i].moment)) {
            fail_msg("%s: found %d at %llu", CASES[i].text, when.found,
                     (unsigned long long)when.after.moment);
        }
        if (when.found && CASES[i].before[0]) {
            live_sample_text(&when.before, text, sizeof(text));
            assert_string_equal(text, CASES[i].before);
            assert_int_equal(when.before.moment, when.after.moment - 1);
        }
        if (when.found && CASES[i].after[0]) {
            live_sample_text(&when.after, text, sizeof(text));
            assert_string_equal(text[0] == '-' && text[1] == 'n' ? text + 1 : text, CASES[i].after);
        }
    }
}

static void what_is_no_condition_is_refused(void **state)
{
    Room *room = *state;
    // Scenario: conditions without an operator, without a value, with one too many, of no such
    // field, of a struct, with a value that the field cannot have.
    // Expect: each is refused, the right ones come back as they were written.
    static const char *const WRONG[] = {"count",      "count ==",      "count nan 3",
                                        "cuont == 3", "== 3",          "mobs[0] == 3",
                                        "count == x", "mood == HAPPY", "name == 3",
                                        "",           "count > nan",   "target == here"};
    begin(room);
    for (size_t i = 0; i < COUNT_OF(WRONG); i++) {
        LiveCondition one;
        if (live_condition(&room->live, WRONG[i], &one, &room->fault)) {
            fail_msg("\"%s\" was taken", WRONG[i]);
        }
        assert_true(room->fault.text[0] != '\0');
    }
    char text[200];
    LiveCondition one = condition(room, "  mobs[3].x   <=   0.5 ");
    live_condition_text(&one, text, sizeof(text));
    assert_string_equal(text, "mobs[3].x <= 0.5");
    one = condition(room, "ratio NaN");
    live_condition_text(&one, text, sizeof(text));
    assert_string_equal(text, "ratio nan");
}

static void a_break_is_hit_where_it_becomes_true(void **state)
{
    Room *room = *state;
    // Scenario: breaks around each of 100 ticks, over a swap to a build with moved fields at 50.
    // Expect: each is hit in exactly the ticks in which its condition became true.
    static const char *const TEXTS[] = {"ratio nan", "count >= 70", "on == true", "mood changes",
                                        "target->id > 100000"};
    static LiveBreak points[COUNT_OF(TEXTS)];
    begin(room);
    for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
        points[i] = (LiveBreak){.condition = condition(room, TEXTS[i])};
    }
    for (int n = 2; n <= 100; n++) {
        if (n == 50) {
            swap_typed(room, "-DMOVED");
        }
        for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
            live_break_before(&room->live, &points[i]);
        }
        play(room, 1);
        const bool became[COUNT_OF(TEXTS)] = {n == 40, n == 70, n % 4 == 1, n % 10 == 0, false};
        for (size_t i = 0; i < COUNT_OF(TEXTS); i++) {
            if (live_break_after(&room->live, &points[i]) != became[i]) {
                fail_msg("%s at %d", TEXTS[i], n);
            }
        }
    }
    assert_int_equal(points[0].hits, 1);
    assert_int_equal(points[3].hits, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_field_has_its_value_in_every_moment, enter, leave),
        cmocka_unit_test_setup_teardown(what_has_no_value_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(an_allocation_is_known_by_where_it_is_now, enter, leave),
        cmocka_unit_test_setup_teardown(moments_of_other_builds_are_read_as_theirs, enter, leave),
        cmocka_unit_test_setup_teardown(a_series_is_what_the_trace_says, enter, leave),
        cmocka_unit_test_setup_teardown(the_last_moment_at_which_it_became_so, enter, leave),
        cmocka_unit_test_setup_teardown(what_is_no_condition_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_break_is_hit_where_it_becomes_true, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
