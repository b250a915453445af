// What history offers can be read, whichever builds made it and wherever they were let go.
#include "live_testing.h"

#include "reflect_table.h"

// Contents: the game, what was seen, one way, many branches, a limit

// Each build has structs of its own, PARTS says which. Without POINTS there is no pointer into code
// in the state: a build is let go when it plays again, under another number.
static const char COUNTER[] =
    "#include <hotloop.h>\n"
    "typedef struct Part { long more[PARTS]; int value; } Part;\n"
    "typedef struct Game {\n"
    "    long count; Part part; Part *list; long (*step)(long); const char *word;\n"
    "} Game;\n"
    "static long step(long count) { return count + 1 + PARTS % 5; }\n"
    "static void init(Game *s, hl_tick *t) { s->list = hl_new(t, Part, 4); }\n"
    "static void update(Game *s, hl_tick *t)\n"
    "{\n"
    "    s->count = step(s->count);\n"
    "    if (POINTS) { s->step = step; s->word = \"a word\"; }\n"
    "    s->part.value = (int)(s->count * 3);\n"
    "    s->list[t->tick % 4].value = (int)s->count;\n"
    "}\n"
    "static void draw(const Game *s, hl_canvas *c) { (void)s; (void)c; }\n"
    "HL_GAME(Game, init, update, draw, .title = \"Test\");\n";

enum { BUILDS = 38, SEEN_MAX = 20000, NEAR_BUILDS = 16 };

typedef struct Seen {
    LivePlace place;
    uint64_t build; // its number
    long count;
} Seen;

typedef struct Walk {
    Room *room;
    char paths[BUILDS][FILE_PATH_MAX];
    uint32_t build;
    uint64_t random;
    Seen *seen;
    uint32_t seen_count, read, let_go, lost; // lost: near ones that are not offered any more
} Walk;

static uint64_t any(Walk *walk, uint64_t end)
{
    walk->random = walk->random * 6364136223846793005u + 1442695040888963407u;
    return (walk->random >> 33) % end;
}

static void let_go(void *table)
{
    reflect_table_close(table);
}

// With what is known of its structs, as the app swaps.
static void swap_to(Walk *walk, uint32_t number)
{
    Room *room = walk->room;
    GameLib lib;
    uint64_t swap_ns;
    assert_true(gamelib_open(&lib, walk->paths[number], &room->lib_config, &room->fault));
    lib.about = reflect_table_open(lib.path, lib.image_first, &room->fault);
    lib.let_go = let_go;
    assert_non_null(lib.about);
    if (!live_swap(&room->live, &lib, &swap_ns, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    walk->build = number;
}

static Walk begin(Room *room, const char *points)
{
    static Seen seen[SEEN_MAX];
    Walk walk = {.room = room, .random = 20261123, .seen = seen};
    char parts[32];
    assert_true(file_write(room->source, COUNTER, strlen(COUNTER), &room->fault));
    open_with_history(room);
    for (int i = 0; i < BUILDS; i++) {
        (void)text_format(parts, sizeof(parts), "-DPARTS=%d", i);
        build(room, walk.paths[i], parts, points, NULL);
    }
    swap_to(&walk, 0);
    return walk;
}

static int value_of(const Walk *walk, const uint8_t *part)
{
    int value;
    memcpy(&value, part + walk->build * sizeof(long), sizeof(value));
    return value;
}

// In the structs of the build that plays: the count, which everything else goes by.
static long count_of(const Walk *walk)
{
    const uint8_t *root = walk->room->live.host->state->root, *list;
    size_t part_bytes = walk->build * sizeof(long) + sizeof(long);
    size_t nth = live_tick_number(&walk->room->live) % 4;
    long count;
    memcpy(&count, root, sizeof(count));
    memcpy(&list, root + sizeof(count) + part_bytes, sizeof(list));
    assert_int_equal(value_of(walk, root + sizeof(count)), (int)(count * 3));
    assert_int_equal(value_of(walk, list + nth * part_bytes), (int)count);
    return count;
}

static LivePlace place_of(const Walk *walk)
{
    TimelinePlace here = timeline_here(walk->room->live.timeline);
    return (LivePlace){here.branch, walk->room->live.moment};
}

static void play_on(Walk *walk, int ticks)
{
    for (int i = 0; i < ticks; i++) {
        play(walk->room, 1);
        assert_true(walk->seen_count < SEEN_MAX);
        walk->seen[walk->seen_count++] =
            (Seen){place_of(walk), walk->room->live.generation, count_of(walk)};
    }
}

static bool go_to(Walk *walk, LivePlace place)
{
    LivePlace reached;
    Fault ignored;
    return live_seek(&walk->room->live, place, &reached, &ignored) && reached.branch == place.branch
           && reached.moment == place.moment;
}

// With time, and when enough ticks lie behind the last swap.
static void keep_house(Walk *walk)
{
    (void)live_housekeeping(&walk->room->live, NS_PER_S);
}

// Every `stride`th moment ever seen, and the oldest, is not offered any more or comes back as seen.
static void read_all(Walk *walk, uint32_t stride)
{
    Live *live = &walk->room->live;
    LivePlace here = place_of(walk);
    LiveSpan span;
    assert_true(live_span(live, &span));
    for (uint32_t i = 0; i < walk->seen_count; i++) {
        const Seen *seen = &walk->seen[i];
        if (i % stride != 0 && seen->place.moment != span.first) {
            continue;
        }
        if (!go_to(walk, seen->place)) {
            walk->lost += seen->build + NEAR_BUILDS > live->generation;
            continue;
        }
        if (live->stopped.kind != FAULT_NONE) {
            fail_msg("moment %lu of branch %u: %s", (unsigned long)seen->place.moment,
                     seen->place.branch, live->stopped.text);
        }
        assert_int_equal(count_of(walk), seen->count);
        walk->read++;
    }
    assert_true(go_to(walk, here));
}

// ----------------------------------------------------------------------------------------- one way

static void what_lies_before_an_edit_in_the_past_stays_readable(void **state)
{
    // Scenario: 60 ticks of one build; back to the fifth, and an edit of a struct there; to the
    // last moment again, and on from it, with other structs every 31 ticks, until history lets go
    // of its oldest builds. Expect: whatever is still offered can be read, in every round, that of
    // the first build, too.
    Walk walk = begin(*state, "-DPOINTS=0");
    LiveSpan span = {0};
    play_on(&walk, 60);
    assert_true(go_to(&walk, (LivePlace){0, 5}));
    swap_to(&walk, 1);
    assert_true(go_to(&walk, (LivePlace){0, 60}));
    for (uint32_t i = 2; i < BUILDS; i++) {
        play_on(&walk, 31);
        keep_house(&walk);
        read_all(&walk, 13);
        swap_to(&walk, i);
    }
    assert_true(live_span(&walk.room->live, &span));
    assert_true(span.first > 60);
    assert_in_range(walk.room->live.retired_count, 32, 34);
}

// ------------------------------------------------------------------------------------ many
// branches

static void walk_about(Walk *walk, uint32_t rounds)
{
    uint32_t fresh = 0;
    for (uint32_t round = 0; round < rounds; round++) {
        play_on(walk, (int)any(walk, 40));
        if (any(walk, 3) > 0) {
            swap_to(walk, any(walk, 4) ? fresh++ % BUILDS : (uint32_t)any(walk, 3));
        }
        play_on(walk, 31);
        if (any(walk, 3) == 0) {
            uint64_t late = walk->seen_count < 900 ? walk->seen_count : 900;
            (void)go_to(walk, walk->seen[walk->seen_count - 1 - any(walk, late)].place);
        }
        keep_house(walk);
        walk->let_go += walk->room->live.same_count > 0;
        if (round % 5 == 4) {
            read_all(walk, 29);
        }
    }
}

static void a_walk_over_branches_and_builds_stays_readable(void **state)
{
    // Scenario: 150 rounds of play, swaps to builds that are new or have played before, rewinds to
    // something that was seen lately, housekeeping in between.
    // Expect: whatever is still offered, on any branch, can be read as it was seen, and what the
    // last 16 builds made is offered; no more than 32 builds are loaded for that.
    Walk walk = begin(*state, "-DPOINTS=0");
    LiveSpan span = {0};
    walk_about(&walk, 150);
    assert_true(live_span(&walk.room->live, &span));
    assert_true(span.first > 60);
    assert_true(walk.read > 500 && walk.let_go > 100);
    assert_int_equal(walk.lost, 0);
    assert_in_range(walk.room->live.retired_count, 32, 34);
}

static void images_that_were_pointed_into_go_all_the_same(void **state)
{
    // Scenario: the same, with the address of a function and of a text in the state.
    // Expect: the same; an image does not stay because of what was gone to since.
    Walk walk = begin(*state, "-DPOINTS=1");
    LiveSpan span = {0};
    walk_about(&walk, 100);
    assert_true(live_span(&walk.room->live, &span));
    assert_true(span.first > 60 && walk.read > 500);
    assert_int_equal(walk.lost, 0);
    assert_in_range(walk.room->live.retired_count, 32, 36);
}

// ------------------------------------------------------------------------------------------ files

static void a_file_knows_the_structs_of_a_build_that_was_let_go(void **state)
{
    // Scenario: a tick; 20 of another build; the same structs again under another number, and the
    // first is let go; other structs. A file of all moments is saved, and played with the last
    // build. Expect: its first moment is read in its own structs, not in those of the build that
    // played.
    Room *room = *state;
    Walk walk = begin(room, "-DPOINTS=0");
    LiveSaved saved = {0};
    play_on(&walk, 1);
    swap_to(&walk, 3);
    play_on(&walk, 20);
    swap_to(&walk, 3);
    play_on(&walk, 70); // the build before could be played again for a second
    keep_house(&walk);
    assert_int_equal(room->live.same_count, 1);
    swap_to(&walk, 8); // which counts in the same steps
    play_on(&walk, 5);
    if (!live_save_begin(&room->live, room->replay_path, 3, 95, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    while (!live_save_done(&room->live, &saved)) {
        mono_sleep_until(mono_ns() + NS_PER_MS);
    }
    assert_true(saved.ok);
    live_close(&room->live);
    room->config.replay = replay_open(room->replay_path, NULL, &room->fault);
    assert_non_null(room->config.replay);
    open_again(room);
    swap_to(&walk, 8);
    for (uint32_t i = 3; i < 95; i++) {
        play(room, 1);
        assert_int_equal(count_of(&walk), walk.seen[i].count);
    }
    live_close(&room->live);
    replay_close(room->config.replay);
    room->config.replay = NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_lies_before_an_edit_in_the_past_stays_readable, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_file_knows_the_structs_of_a_build_that_was_let_go, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(images_that_were_pointed_into_go_all_the_same, enter,
                                        leave),
        cmocka_unit_test_setup_teardown(a_walk_over_branches_and_builds_stays_readable, enter,
                                        leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
