#include "live_testing.h"

#include <dirent.h>

// ---------------------------------------------------------------------------------------- helpers

static bool is_mapped(const char *path)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[FILE_PATH_MAX + 128];
    bool found = false;
    assert_non_null(maps);
    while (fgets(line, sizeof(line), maps)) {
        found |= strstr(line, path) != NULL;
    }
    (void)fclose(maps);
    return found;
}

static int count_files(const char *folder)
{
    DIR *files = opendir(folder);
    int count = 0;
    assert_non_null(files);
    for (struct dirent *entry = readdir(files); entry; entry = readdir(files)) {
        count += entry->d_name[0] != '.';
    }
    (void)closedir(files);
    return count;
}

// ---------------------------------------------------------------------------------------- swapping

static void nothing_runs_before_the_first_build(void **state)
{
    // Scenario: ticks, pictures, restarts and loops before there is a game.
    // Expect: nothing runs and nothing is drawn; no fault.
    Room *room = *state;
    DrawList draw;
    bool took_pending = true;
    assert_true(try_tick(room, true));
    assert_false(room->did.ran);
    assert_true(draw_open(&draw, &room->fault));
    assert_true(live_draw(&room->live, 0, &draw, &room->fault));
    assert_int_equal(draw.cmd_count, 0);
    draw_close(&draw);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    assert_false(took_pending);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF);
    assert_false(live_housekeeping(&room->live, UINT64_MAX));
    assert_int_equal(live_hash(&room->live), 0);
    assert_int_equal(live_tick_number(&room->live), 0);
    assert_int_equal(live_tick_rate(&room->live), 60);
    assert_null(live_game(&room->live));
}

static void state_is_kept_over_a_swap(void **state)
{
    // Scenario: 5 ticks, a build that steps by 10, 5 ticks.
    // Expect: the new code goes on with the old state, at the same addresses; one tick is the first
    // of its build; a function pointer in state calls the new build's function; a literal whose
    // text the new build does not have is still the old one.
    Room *room = *state;
    swap_in(room, "-DWORD=\"old\"", NULL, NULL);
    for (int i = 0; i < 5; i++) {
        play(room, 1);
        assert_int_equal(room->did.first_of_build, i == 0);
    }
    Game *g = game_of(room);
    const char *word = g->word;
    swap_in(room, "-DSTEP=10", "-DWORD=\"new\"", NULL);
    assert_int_equal(room->live.generation, 2);
    for (int i = 0; i < 5; i++) {
        play(room, 1);
        assert_int_equal(room->did.first_of_build, i == 0);
    }
    assert_ptr_equal(game_of(room), g);
    assert_ptr_equal(g->self, g);
    assert_int_equal(g->inits, 1);
    assert_int_equal(g->reloads, 2);
    assert_int_equal(g->count, 55);
    assert_int_equal(g->by_pointer, 55);
    assert_ptr_equal(g->word, word);
    assert_string_equal(g->word, "old");
    assert_int_equal(live_tick_number(&room->live), 10);
}

static void other_size_waits_for_a_restart(void **state)
{
    // Scenario: a build whose state is larger; play on; restart. Then back, by two builds of which
    // the second one fits.
    // Expect: refused with the type and both sizes while the old code plays on; the restart takes
    // it from fresh state; a pending build that is out of date is never taken.
    Room *room = *state;
    char path[FILE_PATH_MAX], sizes[64];
    bool took_pending = false;
    swap_in(room, NULL, NULL, NULL);
    play(room, 3);
    build(room, path, "-DWIDER", "-DSTEP=2", NULL);
    assert_false(try_swap(room, path));
    assert_int_equal(room->fault.kind, FAULT_LAYOUT);
    (void)text_format(sizes, sizeof(sizes), "was %zu bytes and is %zu", sizeof(Game),
                      sizeof(Game) + 400);
    assert_non_null(strstr(room->fault.text, sizes));
    assert_non_null(strstr(room->fault.text, "Wide"));
    play(room, 3);
    assert_int_equal(game_of(room)->count, 6);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    assert_true(took_pending);
    assert_int_equal(live_tick_number(&room->live), 0);
    assert_int_equal(game_of(room)->inits, 1); // there is something to see, also while paused
    play(room, 4);
    assert_int_equal(game_of(room)->count, 8);
    assert_int_equal(game_of(room)->inits, 1);
    assert_int_equal(live_game(&room->live)->state_size, sizeof(Game) + 400);

    build(room, path, NULL, NULL, NULL);
    assert_false(try_swap(room, path));
    swap_in(room, "-DWIDER", "-DSTEP=3", NULL);
    play(room, 1);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    assert_false(took_pending);
    play(room, 1);
    assert_int_equal(game_of(room)->count, 3);
}

static void restart_gives_the_arena_the_new_build_asks_for(void **state)
{
    // Scenario: a game with an arena of 1 MiB; a build with another state and 8 MiB; a restart.
    // Expect: refused at first, then the state memory has grown.
    Room *room = *state;
    bool took_pending;
    char path[FILE_PATH_MAX];
    swap_in(room, "-DMORE=.arena=1<<20", NULL, NULL);
    play(room, 3);
    size_t before = heap_capacity_bytes(room->live.host->heap);
    build(room, path, "-DMORE=.arena=8<<20", "-DWIDER", NULL);
    assert_false(try_swap(room, path));
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    assert_true(took_pending);
    play(room, 3);
    assert_true(heap_capacity_bytes(room->live.host->heap) >= before + (7u << 20));
}

static void restart_without_memory_can_be_tried_again(void **state)
{
    // Scenario: the pending build asks for more memory than is free above the state; a restart,
    // everything that can be asked then; the memory is freed; a restart, and a build after it.
    // Expect: the restart fails with the reason and nothing runs, nothing crashes; then both play.
    Room *room = *state;
    bool took_pending;
    char path[FILE_PATH_MAX];
    Arena other;
    DrawList draw = {0};
    assert_true(draw_open(&draw, &room->fault));
    swap_in(room, "-DMORE=.arena=1<<20", NULL, NULL);
    play(room, 3);
    assert_true(arena_open(&other, ARENA_STATE_ADDRESS + (8 << 20), PAGE_BYTES, &room->fault));
    build(room, path, "-DMORE=.arena=8<<20", "-DWIDER", NULL);
    assert_false(try_swap(room, path));
    assert_false(live_restart(&room->live, &took_pending, &room->fault));
    assert_int_equal(room->fault.kind, FAULT_MEMORY);
    assert_int_equal(room->live.stopped.kind, FAULT_MEMORY);
    assert_true(try_tick(room, false));
    assert_false(room->did.ran);
    assert_true(live_draw(&room->live, 1, &draw, &room->fault));
    assert_int_equal(draw.cmd_count, 0);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF);
    (void)live_housekeeping(&room->live, UINT64_MAX);
    assert_int_equal(live_hash(&room->live), 0);
    assert_int_equal(live_tick_number(&room->live), 0);
    assert_false(live_restart(&room->live, &took_pending, &room->fault));
    build(room, path, "-DMORE=.arena=8<<20", "-DSTEP=2", NULL);
    assert_false(try_swap(room, path));
    arena_close(&other);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    play(room, 2);
    swap_in(room, "-DMORE=.arena=8<<20", "-DSTEP=3", NULL);
    play(room, 1);
    assert_int_equal(game_of(room)->count, 2 + 2 + 3);
    draw_close(&draw);
}

static void taken_memory_leaves_room_for_the_next_try(void **state)
{
    // Scenario: something lies where the state belongs when the first build comes; then not.
    // Expect: refused, nothing left behind, no tick runs; the next build plays.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    Arena other;
    assert_true(arena_open(&other, ARENA_STATE_ADDRESS + (1 << 20), PAGE_BYTES, &room->fault));
    build(room, path, NULL, NULL, NULL);
    assert_false(try_swap(room, path));
    assert_int_equal(room->fault.kind, FAULT_MEMORY);
    assert_null(live_game(&room->live));
    assert_int_equal(count_files(room->copies), 0);
    assert_true(try_tick(room, false));
    assert_false(room->did.ran);
    arena_close(&other);
    swap_in(room, "-DMORE=.tick_rate=50", NULL, NULL);
    play(room, 2);
    assert_int_equal(live_tick_rate(&room->live), 50);
}

static void fault_stops_and_the_next_build_goes_on(void **state)
{
    // Scenario: a build whose assert fails in its third tick; more ticks; a good build.
    // Expect: the fault once, with file and line; no tick until the build; then on from that state.
    Room *room = *state;
    swap_in(room, "-DUPDATE=HL_ASSERT(t, s->count != 3)", NULL, NULL);
    play(room, 2);
    assert_false(try_tick(room, false));
    assert_int_equal(room->fault.kind, FAULT_GAME);
    assert_non_null(strstr(room->fault.text, "s->count != 3"));
    assert_non_null(strstr(room->fault.file, "game.c"));
    assert_string_equal(room->live.stopped.text, room->fault.text);
    for (int i = 0; i < 3; i++) {
        assert_true(try_tick(room, false));
        assert_false(room->did.ran);
    }
    assert_int_equal(live_tick_number(&room->live), 2);
    swap_in(room, NULL, NULL, NULL);
    assert_int_equal(room->live.stopped.kind, FAULT_NONE);
    play(room, 2);
    assert_int_equal(game_of(room)->count, 4);
    assert_int_equal(game_of(room)->inits, 1);
    swap_in(room, "-DUPDATE=hl_free(t, s->more + 1)", NULL, NULL);
    assert_false(try_tick(room, false));
    assert_string_equal(room->fault.file, "update()");
    assert_int_equal(room->fault.line, 0);
}

static void failed_tick_did_not_happen_without_history_either(void **state)
{
    // Scenario: no history; 5,000 ticks, then one that writes statics and state and fails.
    // Expect: the hash is that of the tick before.
    Room *room = *state;
    swap_in(room,
            "-DUPDATE=static int calls; calls++; s->more += 0; hl_new(t,Mob,1 + calls % 2); "
            "HL_ASSERT(t, s->count != 5001)",
            NULL, NULL);
    play(room, 5000);
    uint64_t hash = live_hash(&room->live);
    assert_false(try_tick(room, false));
    assert_int_equal(live_tick_number(&room->live), 5000);
    assert_int_equal(live_hash(&room->live), hash);
    assert_true(room->live.end.undone);
}

static void a_build_that_dies_young_is_put_aside(void **state)
{
    // Scenario: build 1 plays a second; build 2 dies in its third tick; build 1 plays a second
    // more; build 3 plays a second and dies then. Expect: build 1 plays on from the last good tick,
    // told that it was loaded anew; build 3's end stops the game.
    Room *room = *state;
    swap_in(room, "-DSTEP=1", NULL, NULL);
    play(room, 60);
    swap_in(room, "-DSTEP=1000", "-DUPDATE=HL_ASSERT(t, s->count < 3000)", NULL);
    play(room, 2);
    assert_false(try_tick(room, false));
    assert_int_equal(room->live.end.put_aside, 2);
    assert_int_equal(room->live.generation, 1);
    assert_int_equal(room->live.stopped.kind, FAULT_NONE);
    assert_int_equal(game_of(room)->count, 2060);
    play(room, 1);
    assert_true(room->did.first_of_build);
    assert_int_equal(game_of(room)->count, 2061);
    play(room, 60);
    swap_in(room, "-DSTEP=1", "-DUPDATE=HL_ASSERT(t, s->count < 2200)", NULL);
    assert_int_equal(room->live.generation, 3);
    play(room, 78);
    assert_false(try_tick(room, false));
    assert_int_equal(room->live.end.put_aside, 0);
    assert_int_equal(room->live.stopped.kind, FAULT_GAME);
}

static void failed_tick_did_not_happen_where_there_is_history(void **state)
{
    // Scenario: with history, an assert fails in the third tick, after it has changed state, a
    // static, and taken memory; then a good build.
    // Expect: the state is what it was after the second tick, to the bit; the next build's first
    // tick is the third.
    Room *room = *state;
    open_with_history(room);
    swap_in(room,
            "-DUPDATE=static int calls; calls++; hl_new(t,Mob,100); HL_ASSERT(t, s->count != 3)",
            NULL, NULL);
    play(room, 2);
    uint64_t hash = live_hash(&room->live);
    assert_false(try_tick(room, false));
    assert_int_equal(room->fault.kind, FAULT_GAME);
    assert_int_equal(live_tick_number(&room->live), 2);
    assert_int_equal(live_hash(&room->live), hash);
    assert_true(try_tick(room, false));
    assert_false(room->did.ran);
    swap_in(room, NULL, NULL, NULL);
    play(room, 1);
    assert_true(room->did.first_of_build);
    assert_int_equal(live_tick_number(&room->live), 3);
    assert_int_equal(game_of(room)->count, 3);
    assert_int_equal(game_of(room)->reloads, 2);
}

static void failed_init_is_run_again_from_nothing(void **state)
{
    // Scenario: init allocates, then its assert fails; the next build has a larger state and fails,
    // too; the one after that is right.
    // Expect: nothing is drawn; each init begins with zeroed state and an empty arena; no build is
    // refused for a state that never was.
    Room *room = *state;
    DrawList draw;
    swap_in(room, "-DINIT=hl_new(t,Mob,1000); HL_ASSERT(t, s->inits == 99)", NULL, NULL);
    assert_false(try_tick(room, false));
    assert_non_null(strstr(room->fault.text, "s->inits == 99"));
    assert_true(try_tick(room, false));
    assert_false(room->did.ran);
    assert_true(draw_open(&draw, &room->fault));
    assert_true(live_draw(&room->live, 0, &draw, &room->fault));
    assert_int_equal(draw.cmd_count, 0);
    draw_close(&draw);
    swap_in(room, "-DWIDER", "-DINIT=HL_ASSERT(t, s->inits == 98)", NULL);
    assert_false(try_tick(room, false));
    assert_non_null(strstr(room->fault.text, "s->inits == 98"));
    swap_in(room, NULL, NULL, NULL);
    play(room, 1);
    assert_int_equal(game_of(room)->inits, 1);
    HeapBlock block = {0};
    int blocks = 0;
    while (heap_next(room->live.host->heap, &block)) {
        blocks++;
    }
    assert_int_equal(blocks, 3); // the root, init's mobs, the first tick's
}

// ----------------------------------------------------------------------------------------- looping

static void loop_repeats_bit_for_bit_and_takes_new_code(void **state)
{
    // Scenario: 20 ticks are recorded and played twice while other keys are held; then a build
    // that steps by 10 comes in the middle of a pass; the pass after it; the loop is ended.
    // Expect: after every tick of a pass the state is what it was when recorded; the new code gets
    // the same input from the same first state; after the end, play goes on from there.
    enum { TICKS = 20 };
    Room *room = *state;
    uint64_t hashes[TICKS];
    open_with_history(room);
    swap_in(room, NULL, NULL, NULL);
    play(room, 7);
    int count_before = game_of(room)->count, keys = 0;
    assert_int_equal(press_loop(room), LIVE_LOOP_RECORD);
    for (int i = 0; i < TICKS; i++) {
        play(room, 1);
        assert_false(room->did.wrapped);
        hashes[i] = live_hash(&room->live);
    }
    keys = game_of(room)->keys;
    assert_true(keys > 0);
    assert_int_equal(press_loop(room), LIVE_LOOP_PLAY);
    for (int i = 0; i < 2 * TICKS; i++) {
        assert_true(try_tick(room, true));
        assert_int_equal(room->did.wrapped, i % TICKS == 0);
        assert_int_equal(live_tick_number(&room->live), 8 + i % TICKS);
        assert_int_equal(live_hash(&room->live), hashes[i % TICKS]);
    }
    for (int i = 0; i < 2 * TICKS; i++) {
        if (i == 5) {
            swap_in(room, "-DSTEP=10", NULL, NULL);
        }
        assert_true(try_tick(room, true));
    }
    assert_int_equal(game_of(room)->count, count_before + 10 * TICKS);
    assert_int_equal(game_of(room)->keys, keys);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF);
    play(room, 1);
    assert_int_equal(live_tick_number(&room->live), 8 + TICKS);
    assert_int_equal(game_of(room)->count, count_before + 10 * TICKS + 10);
}

static void loop_of_nothing_and_restart_in_a_loop(void **state)
{
    // Scenario: a loop is ended before it has a tick; a restart while one plays.
    // Expect: off again at once; the restart ends the loop and begins from fresh state.
    Room *room = *state;
    bool took_pending;
    open_with_history(room);
    swap_in(room, NULL, NULL, NULL);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF); // before the first tick
    play(room, 2);
    assert_int_equal(press_loop(room), LIVE_LOOP_RECORD);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF);
    assert_int_equal(press_loop(room), LIVE_LOOP_RECORD);
    play(room, 4);
    assert_int_equal(press_loop(room), LIVE_LOOP_PLAY);
    play(room, 2);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    assert_int_equal(room->live.loop, LIVE_LOOP_OFF);
    play(room, 9);
    assert_false(room->did.wrapped);
    assert_int_equal(live_tick_number(&room->live), 9);
    assert_int_equal(game_of(room)->count, 9);
}

// ----------------------------------------------------------------------------------------- hashing

// Of 50 ticks of the library at `path`, in a session of its own.
static uint64_t hash_of_run(Room *room, const char *path)
{
    live_close(&room->live);
    assert_true(live_open(&room->live, &room->config, &room->fault));
    assert_true(try_swap(room, path));
    play(room, 50);
    return live_hash(&room->live);
}

static void hash_is_the_same_at_every_optimization(void **state)
{
    // Scenario: the same game at -O0, -O1, -O2 and -O3, with padding, pointers to functions, a
    // library's function, literals and tables in its state; then with another literal, another
    // function, another number.
    // Expect: one hash for all levels and runs; another for each that differs.
    Room *room = *state;
    static const char *const LEVELS[] = {"-O0", "-O1", "-O2", "-O3"};
    static const char *const OTHERS[] = {"-DWORD=\"another word\"",
                                         "-DUPDATE=s->of_libc = labs",
                                         "-DUPDATE=s->step = t->tick < 50 ? step_by : abs",
                                         "-DUPDATE=s->row = &TABLE[1]",
                                         "-DUPDATE=s->more[2].hp ^= 1",
                                         "-DUPDATE=hl_new(t, char, 1)"};
    char path[FILE_PATH_MAX];
    uint64_t hash = 0;
    for (size_t i = 0; i < COUNT_OF(LEVELS); i++) {
        build(room, path, LEVELS[i], NULL, NULL);
        uint64_t here = hash_of_run(room, path);
        hash = i == 0 ? here : hash;
        assert_int_equal(here, hash);
        assert_int_equal(hash_of_run(room, path), hash);
    }
    for (size_t i = 0; i < COUNT_OF(OTHERS); i++) {
        build(room, path, OTHERS[i], NULL, NULL);
        assert_int_not_equal(hash_of_run(room, path), hash);
    }
}

static void hash_sees_every_byte_of_the_state(void **state)
{
    // Scenario: one bit is flipped in each word of the game's struct and put back; then in the last
    // word of all.
    // Expect: another hash each time, and the old one after.
    Room *room = *state;
    swap_in(room, NULL, NULL, NULL);
    play(room, 10);
    uint64_t hash = live_hash(&room->live);
    uint8_t *bytes = (uint8_t *)game_of(room);
    for (size_t at = 0; at < sizeof(Game); at += 8) {
        bytes[at] ^= 0x40;
        assert_int_not_equal(live_hash(&room->live), hash);
        bytes[at] ^= 0x40;
    }
    uint8_t *last = room->live.state.base + host_state_bytes(room->live.host) - 8;
    *last ^= 1;
    assert_int_not_equal(live_hash(&room->live), hash);
    *last ^= 1;
    assert_int_equal(live_hash(&room->live), hash);
}

static void hash_is_the_same_in_another_process(void **state)
{
    // Scenario: this program runs the same library in three processes of its own, where everything
    // lies at other addresses.
    // Expect: they print the hash that it has here.
    Room *room = *state;
    char path[FILE_PATH_MAX], command[2 * FILE_PATH_MAX], self[FILE_PATH_MAX] = "", line[64];
    assert_true(readlink("/proc/self/exe", self, sizeof(self) - 1) > 0);
    build(room, path, "-O2", NULL, NULL);
    uint64_t hash = hash_of_run(room, path);
    (void)text_format(command, sizeof(command), "%s --hash %s", self, path);
    for (int i = 0; i < 3; i++) {
        FILE *output = popen(command, "r");
        assert_non_null(output);
        assert_non_null(fgets(line, sizeof(line), output));
        assert_int_equal(pclose(output), 0);
        assert_int_equal(strtoull(line, NULL, 16), hash);
    }
}

// ------------------------------------------------------------------------------------------ images

// Everything in state that points into an image is taken from the build that plays.
#define POINT_ANEW "-DUPDATE=point(s)"

static void image_stays_while_state_points_into_it(void **state)
{
    // Scenario: a swap to a build without a text that state points at; 80 ticks; a swap to a build
    // that sets all its pointers anew; housekeeping all along, with and without time.
    // Expect: the old image stays while it is pointed into, but the new code runs; it is unmapped
    // and its file is gone once nothing points there; without time nothing is looked at.
    Room *room = *state;
    char old_path[FILE_PATH_MAX];
    swap_in(room, "-DSTEP=2", "-DWORD=\"old\"", NULL);
    (void)text_format(old_path, sizeof(old_path), "%s", room->live.now.path);
    play(room, 1);
    swap_in(room, "-DSTEP=100", NULL, NULL);
    assert_false(live_housekeeping(&room->live, UINT64_MAX)); // no tick of the new build yet
    play(room, 80);
    assert_false(live_housekeeping(&room->live, 0));
    assert_true(live_housekeeping(&room->live, NS_PER_S));
    assert_int_equal(room->live.retired_count, 1);
    assert_true(is_mapped(old_path));
    play(room, 1);
    assert_int_equal(game_of(room)->by_pointer, 2 + 81 * 100);
    swap_in(room, "-DSTEP=1000", POINT_ANEW, NULL);
    play(room, 70);
    assert_true(live_housekeeping(&room->live, NS_PER_S));
    assert_int_equal(room->live.retired_count, 0);
    assert_int_equal(room->live.stuck_count, 0);
    assert_false(is_mapped(old_path));
    assert_int_equal(count_files(room->copies), 1);
    play(room, 1);
}

static void image_stays_while_a_loop_begins_in_it(void **state)
{
    // Scenario: a loop begins with pointers into the first build; a second build replaces them all.
    // Expect: the first image stays, as each pass begins with it; it stays when the loop is let go
    // of, as history can still be gone back in; back there its code runs.
    Room *room = *state;
    open_with_history(room);
    swap_in(room, NULL, NULL, NULL);
    play(room, 3);
    (void)press_loop(room);
    play(room, 5);
    (void)press_loop(room);
    swap_in(room, POINT_ANEW, NULL, NULL);
    play(room, 42);
    (void)live_housekeeping(&room->live, NS_PER_S);
    assert_int_equal(room->live.retired_count, 1);
    play(room, 10); // into the next pass, whose first tick calls the old function
    (void)press_loop(room);
    play(room, 40);
    assert_true(live_housekeeping(&room->live, NS_PER_S));
    assert_int_equal(room->live.retired_count, 1);
    LivePlace reached;
    assert_true(live_seek(&room->live, (LivePlace){0, 3}, &reached, &room->fault));
    assert_int_equal(reached.moment, 3);
    assert_int_equal(game_of(room)->step(1), 2);
}

static void image_goes_when_history_has_left_it(void **state)
{
    // Scenario: a history of 1 MiB; a build that replaces all pointers and then writes noise, until
    // the moments with the old pointers are forgotten.
    // Expect: the old image stays while one of those moments can be reached; then it is unloaded.
    Room *room = *state;
    LiveSpan span = {0};
    room->config.history_bytes = 1u << 20;
    open_again(room);
    swap_in(room, NULL, NULL, NULL);
    play(room, 3);
    swap_in(room,
            "-DUPDATE=point(s); static unsigned noise[20000]; for (int i = 0; i < 20000; i++) { "
            "noise[i] = hl_rand(&s->rng); }",
            NULL, NULL);
    for (int i = 0; i < 20000 && span.first <= 4; i += 50) {
        play(room, 50);
        assert_true(live_span(&room->live, &span));
        assert_true(live_housekeeping(&room->live, NS_PER_S));
        if (span.first <= 3) {
            assert_int_equal(room->live.retired_count, 1);
        }
    }
    assert_in_range(span.first, 4, span.last);
    play(room, 40);
    (void)live_housekeeping(&room->live, NS_PER_S);
    assert_int_equal(room->live.retired_count, 0);
    play(room, 1);
}

static void many_swaps_leave_no_images(void **state)
{
    // Scenario: 300 swaps between two builds, a tick after each; then more ticks; close.
    // Expect: never more images than live keeps; one at the end; none, and no file, after close.
    Room *room = *state;
    char paths[2][FILE_PATH_MAX];
    build(room, paths[0], POINT_ANEW, NULL, NULL);
    build(room, paths[1], POINT_ANEW, "-DSTEP=10", NULL);
    for (int i = 0; i < 300; i++) {
        assert_true(try_swap(room, paths[i % 2]));
        play(room, 1);
        (void)live_housekeeping(&room->live, NS_PER_S);
        assert_true(room->live.retired_count <= LIVE_RETIRED_MAX / 2 + 1);
    }
    assert_int_equal(game_of(room)->count, 150 + 1500);
    play(room, 70); // the build before could be played again for a second
    assert_true(live_housekeeping(&room->live, NS_PER_S));
    assert_int_equal(room->live.retired_count, 0);
    assert_int_equal(room->live.stuck_count, 0);
    assert_int_equal(count_files(room->copies), 1);
    live_close(&room->live);
    assert_int_equal(count_files(room->copies), 0);
    assert_false(is_mapped(room->copies));
}

static void many_swaps_in_one_pause_leave_few_images(void **state)
{
    // Scenario: 200 swaps without a tick between them, as saves while the game is paused.
    // Expect: old images go all the same but for the last, which could play again; state's function
    // pointers are the present build's.
    Room *room = *state;
    char paths[2][FILE_PATH_MAX];
    build(room, paths[0], POINT_ANEW, NULL, NULL);
    build(room, paths[1], POINT_ANEW, "-DSTEP=10", NULL);
    assert_true(try_swap(room, paths[0]));
    play(room, 2);
    for (int i = 0; i < 200; i++) {
        assert_true(try_swap(room, paths[i % 2]));
        (void)live_housekeeping(&room->live, NS_PER_S);
        assert_in_range(room->live.retired_count, 1, LIVE_RETIRED_MAX / 2 + 1);
    }
    assert_int_equal(room->live.stuck_count, 0);
    assert_int_equal(game_of(room)->step(1), 11);
    play(room, 1);
}

// A copy of the file with another text of the same length.
static void write_with_text(const char *path, const char *to_path, const char *from, const char *to)
{
    FILE *in = fopen(path, "rb"), *out = fopen(to_path, "wb");
    assert_non_null(in);
    assert_non_null(out);
    static char bytes[1 << 20];
    size_t size = fread(bytes, 1, sizeof(bytes), in);
    char *at = memmem(bytes, size, from, strlen(from));
    assert_non_null(at);
    memcpy(at, to, strlen(to));
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    fclose(in);
    fclose(out);
}

static void images_that_are_kept_for_good_have_a_limit(void **state)
{
    // Scenario: 300 builds, each leaving a pointer in state to a text that no other has.
    // Expect: all that live can keep are kept; the others stay mapped and are counted; every one of
    // the texts can still be read.
    Room *room = *state;
    char path[FILE_PATH_MAX], other[FILE_PATH_MAX], word[24];
    build(room, path,
          "-DUPDATE=if (t->reloaded) { *(const char **)hl_new(t, void *, 1) = \"word 0000\"; }",
          NULL, NULL);
    (void)text_format(other, sizeof(other), "%s.other", path);
    for (int i = 0; i < 300; i++) {
        (void)snprintf(word, sizeof(word), "word %04d", i + 1);
        write_with_text(path, other, "word 0000", word);
        assert_true(try_swap(room, other));
        play(room, 1);
        (void)live_housekeeping(&room->live, NS_PER_S);
    }
    assert_int_equal(room->live.retired_count, LIVE_RETIRED_MAX);
    assert_int_equal(room->live.stuck_count, 299 - LIVE_RETIRED_MAX);
    HeapBlock block = {0};
    int found = 0;
    while (heap_next(room->live.host->heap, &block)) {
        if (strcmp(block.type, "void *") == 0) {
            const char *text;
            memcpy(&text, block.data, sizeof(text));
            (void)snprintf(word, sizeof(word), "word %04d", ++found);
            assert_string_equal(text, word);
        }
    }
    assert_int_equal(found, 300);
}

// --------------------------------------------------------------------------------------- recording

// Reads a file and a save in init and in every tick, and keeps what it read.
static const char READS[] =
    "-DUPDATE=s->loads += HL_LOAD(t, \"one\", int, &s->loads) ? 1 : 0; HL_SAVE(t, \"one\", int, "
    "&s->loads); s->keys += (int)hl_file(t, \"level.txt\").size * 100";

static void begin_recording(Room *room, const char *option, const char *more)
{
    char path[FILE_PATH_MAX];
    assert_true(file_join(path, room->folder, "level.txt"));
    assert_true(file_write(path, "abc", 3, &room->fault));
    live_close(&room->live);
    room->config.record_path = room->replay_path;
    assert_true(live_open(&room->live, &room->config, &room->fault));
    room->config.record_path = NULL;
    swap_in(room, option, more, NULL);
}

// Plays the recording with the library at `path`, where there are no assets and no saves.
static void play_recording(Room *room, const char *path, ReplayReader **reader)
{
    char command[256];
    live_close(&room->live);
    (void)text_format(command, sizeof(command), "rm -rf %s %s/level.txt", room->saves,
                      room->folder);
    assert_int_equal(system(command), 0);
    asset_close(room->assets);
    room->assets = asset_open(NULL, 0, &room->fault);
    room->config.assets = room->assets;
    *reader = replay_open(room->replay_path, NULL, &room->fault);
    if (!*reader) {
        fail_msg("%s", room->fault.text);
    }
    LiveConfig config = room->config;
    config.replay = *reader;
    assert_true(live_open(&room->live, &config, &room->fault));
    assert_true(try_swap(room, path));
    do {
        assert_true(try_tick(room, true));
    } while (room->did.ran);
    assert_true(room->did.replay_ended);
    assert_false(file_exists(room->saves));
}

static void end_replay(Room *room, ReplayReader *reader)
{
    live_close(&room->live);
    replay_close(reader);
    room->config.replay = NULL;
}

static void recording_plays_back_with_the_same_hash(void **state)
{
    // Scenario: a session that reads a file, which changes, and saves; with a restart, a loop of
    // two and a half passes, and play after it. It is played back without file and saves.
    // Expect: the same last tick and state hash, which are also what the file says.
    Room *room = *state;
    ReplayReader *reader;
    char path[FILE_PATH_MAX], level[FILE_PATH_MAX];
    bool took_pending;
    build(room, path, READS, "-DWORD=\"x\"", NULL);
    begin_recording(room, READS, "-DWORD=\"x\"");
    play(room, 30);
    assert_true(live_restart(&room->live, &took_pending, &room->fault));
    play(room, 20);
    (void)press_loop(room);
    play(room, 6);
    assert_true(file_join(level, room->folder, "level.txt"));
    assert_true(file_write(level, "longer", 6, &room->fault));
    asset_changed(room->assets, level);
    (void)asset_refresh(room->assets, mono_ns());
    play(room, 6);
    (void)press_loop(room);
    play(room, 30);
    (void)press_loop(room);
    play(room, 70);
    uint64_t hash = live_hash(&room->live), last_tick = live_tick_number(&room->live);
    assert_int_equal(last_tick, 20 + 6 + 70);
    assert_int_equal(room->live.writer_fault.kind, FAULT_NONE);
    play_recording(room, path, &reader);
    assert_int_equal(live_tick_number(&room->live), last_tick);
    assert_int_equal(live_hash(&room->live), hash);
    assert_true(room->live.replay_finished);
    assert_int_equal(room->live.replay_hash, hash);
    end_replay(room, reader);
}

static void replay_has_the_arena_of_its_recording(void **state)
{
    // Scenario: a session with an arena of 8 MiB is recorded; it is played back with the default,
    // and with a smaller one.
    // Expect: the same hash each time: how much room there is belongs to what happened.
    Room *room = *state;
    ReplayReader *reader;
    char path[FILE_PATH_MAX];
    build(room, path, READS, NULL, NULL);
    room->config.arena_bytes = (8u << 20) + 100;
    begin_recording(room, READS, NULL);
    play(room, 20);
    uint64_t hash = live_hash(&room->live);
    for (size_t bytes = 0; bytes <= 1u << 20; bytes += 1u << 20) {
        room->config.arena_bytes = bytes;
        play_recording(room, path, &reader);
        assert_int_equal(live_hash(&room->live), hash);
        end_replay(room, reader);
    }
}

static void loop_in_a_replay_rejoins_it(void **state)
{
    // Scenario: 60 recorded ticks; in the replay, ticks 11 to 20 are looped and let go of in the
    // middle of the third pass.
    // Expect: the pass is played to its end, then the recording goes on to the recorded hash.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    build(room, path, NULL, NULL, NULL);
    live_close(&room->live);
    room->config.record_path = room->replay_path;
    assert_true(live_open(&room->live, &room->config, &room->fault));
    assert_true(try_swap(room, path));
    play(room, 60);
    uint64_t hash = live_hash(&room->live);
    live_close(&room->live);
    room->config.record_path = NULL;
    ReplayReader *reader = replay_open(room->replay_path, NULL, &room->fault);
    assert_non_null(reader);
    room->config.replay = reader;
    open_with_history(room);
    assert_true(try_swap(room, path));
    play(room, 10);
    (void)press_loop(room);
    play(room, 10);
    (void)press_loop(room);
    play(room, 25);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF);
    assert_int_equal(press_loop(room), LIVE_LOOP_OFF); // not while it catches up
    play(room, 45);
    assert_int_equal(live_tick_number(&room->live), 60);
    assert_int_equal(live_hash(&room->live), hash);
    end_replay(room, reader);
}

static void cut_recording_plays_up_to_its_end(void **state)
{
    // Scenario: a recording of 300 ticks is cut to four fifths.
    // Expect: it plays whole blocks of 60 ticks, then ends; no hash to compare with.
    Room *room = *state;
    ReplayReader *reader;
    char path[FILE_PATH_MAX];
    struct stat info;
    build(room, path, NULL, NULL, NULL);
    begin_recording(room, NULL, NULL);
    play(room, 300);
    live_close(&room->live);
    assert_int_equal(stat(room->replay_path, &info), 0);
    assert_int_equal(truncate(room->replay_path, info.st_size * 4 / 5), 0);
    play_recording(room, path, &reader);
    assert_false(room->live.replay_finished);
    assert_int_equal(room->live.replay_hash, 0);
    assert_in_range(live_tick_number(&room->live), 60, 299);
    end_replay(room, reader);
}

static void failed_init_is_not_in_the_recording(void **state)
{
    // Scenario: the first build's init loads a save and fails; the save is gone; the next build's
    // init finds none and plays.
    // Expect: played back with the second build, its init is told what it was told: no save.
    Room *room = *state;
    ReplayReader *reader;
    char path[FILE_PATH_MAX], command[128];
    build(room, path, "-DINIT=s->loads += HL_LOAD(t, \"one\", int, &s->keys)", NULL, NULL);
    swap_in(room, "-DUPDATE=HL_SAVE(t, \"one\", int, &s->count)", NULL, NULL);
    play(room, 1);
    begin_recording(room, "-DINIT=HL_ASSERT(t, !HL_LOAD(t, \"one\", int, &s->keys))", NULL);
    assert_false(try_tick(room, false));
    (void)text_format(command, sizeof(command), "rm -rf %s", room->saves);
    assert_int_equal(system(command), 0);
    assert_true(try_swap(room, path));
    play(room, 10);
    assert_int_equal(game_of(room)->loads, 0);
    uint64_t hash = live_hash(&room->live);
    play_recording(room, path, &reader);
    assert_int_equal(game_of(room)->loads, 0);
    assert_int_equal(live_hash(&room->live), hash);
    end_replay(room, reader);
}

// `live_test --hash LIBRARY`: for hash_is_the_same_in_another_process.
static int print_hash(const char *path)
{
    void *room = NULL;
    if (enter(&room) != 0) {
        return 1;
    }
    printf("%llx\n", (unsigned long long)hash_of_run(room, path));
    return leave(&room);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        CASE(nothing_runs_before_the_first_build),
        CASE(state_is_kept_over_a_swap),
        CASE(other_size_waits_for_a_restart),
        CASE(restart_gives_the_arena_the_new_build_asks_for),
        CASE(restart_without_memory_can_be_tried_again),
        CASE(taken_memory_leaves_room_for_the_next_try),
        CASE(fault_stops_and_the_next_build_goes_on),
        CASE(failed_tick_did_not_happen_where_there_is_history),
        CASE(failed_tick_did_not_happen_without_history_either),
        CASE(a_build_that_dies_young_is_put_aside),
        CASE(failed_init_is_run_again_from_nothing),
        CASE(loop_repeats_bit_for_bit_and_takes_new_code),
        CASE(loop_of_nothing_and_restart_in_a_loop),
        CASE(hash_is_the_same_at_every_optimization),
        CASE(hash_sees_every_byte_of_the_state),
        CASE(hash_is_the_same_in_another_process),
        CASE(image_stays_while_state_points_into_it),
        CASE(image_stays_while_a_loop_begins_in_it),
        CASE(image_goes_when_history_has_left_it),
        CASE(many_swaps_leave_no_images),
        CASE(many_swaps_in_one_pause_leave_few_images),
        CASE(images_that_are_kept_for_good_have_a_limit),
        CASE(recording_plays_back_with_the_same_hash),
        CASE(replay_has_the_arena_of_its_recording),
        CASE(loop_in_a_replay_rejoins_it),
        CASE(cut_recording_plays_up_to_its_end),
        CASE(failed_init_is_not_in_the_recording),
    };
    return argc == 3 && strcmp(argv[1], "--hash") == 0 ? print_hash(argv[2])
                                                       : cmocka_run_group_tests(tests, NULL, NULL);
}
