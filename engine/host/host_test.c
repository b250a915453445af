// Sections: helpers, running, memory, input, numbers. Two more files are parts of this program, as
// they share its helpers: host_outside_test.c (files, saves) and host_output_test.c (sound, the
// programmer, drawing).
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"

// ---------------------------------------------------------------------------------------- helpers

enum { STATE_BYTES = 8 << 20, SEEN_MAX = 32 };

typedef struct Score {
    int best;
    char name[12];
} Score;

// What one tick was told of a file.
typedef struct Sight {
    bool changed, present;
    uint32_t version;
    uint64_t content;
    size_t size;
} Sight;

// State of every game here: a test writes what it wants done before a tick and reads what came of
// it after.
typedef struct Game {
    int inits, updates, step;
    void *p;
    double number;
    char name[320];
    char text[2048];
    hl_tick last; // of the last call
    Score score;
    bool loaded;
    Sight seen[SEEN_MAX];
    uint32_t seen_count;
} Game;

typedef struct Room {
    char folder[64], assets_folder[96], save_folder[96];
    Assets *assets;
    SoundList sound;
    Arena state, keep;
    Host *host;
    DrawList draw;
    hl_input input;
    hl_game game;
    Fault fault;
    Guard *guard;
} Room;

static void count_init(void *state, hl_tick *t)
{
    Game *g = state;
    g->inits++;
    g->last = *t;
}

static void count_update(void *state, hl_tick *t)
{
    Game *g = state;
    g->updates++;
    g->last = *t;
}

static void draw_nothing(const void *state, hl_canvas *c)
{
    (void)state;
    (void)c;
}

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    *state = room;
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-host-test-XXXXXX");
    if (!mkdtemp(room->folder)) {
        return 1;
    }
    (void)text_format(room->assets_folder, sizeof(room->assets_folder), "%s/assets", room->folder);
    (void)text_format(room->save_folder, sizeof(room->save_folder), "%s/saves/test", room->folder);
    const char *folders[] = {room->assets_folder, TEST_SOURCE_DIR "/assets"};
    room->game = (hl_game){.api = HL_API_VERSION,
                           .size = sizeof(hl_game),
                           .state_type = "Game",
                           .state_size = sizeof(Game),
                           .state_align = _Alignof(Game),
                           .init = count_init,
                           .update = count_update,
                           .draw = draw_nothing};
    bool ok = mkdir(room->assets_folder, 0700) == 0
              && (room->assets = asset_open(folders, 2, &room->fault)) != NULL
              && sound_open(&room->sound, &room->fault) && draw_open(&room->draw, &room->fault)
              && arena_open(&room->keep, 0, 64 << 20, &room->fault)
              && arena_open(&room->state, ARENA_STATE_ADDRESS, STATE_BYTES, &room->fault);
    if (!ok) {
        return 1;
    }
    room->host = ARENA_NEW(&room->keep, Host, 1);
    GuardConfig plain = {.stands_back = true};
    room->guard = guard_open(&room->keep, &plain, &room->fault);
    if (!room->guard
        || !host_open(room->host, room->guard, room->assets, &room->sound, room->save_folder,
                      &room->fault)) {
        return 1;
    }
    host_attach(room->host, arena_push(&room->state, 1, PAGE_BYTES, STATE_BYTES), STATE_BYTES);
    room->host->state->seed = 77;
    return host_init(room->host, &room->game, &room->input, &room->fault) ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    char command[128];
    host_close(room->host);
    guard_close(room->guard);
    arena_close(&room->state);
    arena_close(&room->keep);
    draw_close(&room->draw);
    sound_close(&room->sound);
    asset_close(room->assets);
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    int result = system(command);
    free(room);
    return result != 0;
}

static Game *game_of(Room *room)
{
    return room->host->state->root;
}

// One tick of `update`; what the loop drains after a tick is kept for the test to look at.
static bool try_tick(Room *room, void (*update)(void *state, hl_tick *t))
{
    room->game.update = update;
    room->host->line_count = room->host->lines_dropped = 0;
    room->host->wishes = (HostWishes){0};
    sound_reset(&room->sound);
    room->fault = (Fault){0};
    return host_update(room->host, &room->game, &room->input, false, &room->fault);
}

static void tick(Room *room, void (*update)(void *state, hl_tick *t))
{
    assert_true(try_tick(room, update));
}

static const DrawList *picture(Room *room, void (*draw)(const void *state, hl_canvas *c))
{
    room->game.draw = draw;
    draw_reset(&room->draw, 320, 180);
    assert_true(host_draw(room->host, &room->game, 0.25f, &room->draw, &room->fault));
    return &room->draw;
}

static void assert_said(const Room *room, const char *part)
{
    for (uint32_t i = 0; i < room->host->line_count; i++) {
        if (strstr(room->host->lines[i].text, part)) {
            return;
        }
    }
    fail_msg("no line says \"%s\"; the first of %u: %s", part, room->host->line_count,
             room->host->line_count > 0 ? room->host->lines[0].text : "");
}

// Writes an asset and lets the assets see it, as the loop does.
static void put_asset(Room *room, const char *name, const char *text)
{
    char path[FILE_PATH_MAX];
    assert_true(file_join(path, room->assets_folder, name));
    assert_true(file_write(path, text, strlen(text), &room->fault));
    asset_changed(room->assets, path);
    (void)asset_refresh(room->assets, mono_ns());
}

// ---------------------------------------------------------------------------------------- running

static void init_is_tick_0_and_updates_count_on(void **state)
{
    // Scenario: init, then three ticks of a game that names no tick rate.
    // Expect: init saw tick 0, updates 1, 2, 3; 60 Hz; the session's seed; `reloaded` as told.
    Room *room = *state;
    Game *g = game_of(room);
    assert_int_equal(g->inits, 1);
    assert_int_equal(g->last.tick, 0);
    assert_true(g->last.reloaded);
    assert_int_equal(g->last.seed, 77);
    for (uint64_t i = 1; i <= 3; i++) {
        tick(room, count_update);
        assert_int_equal(g->last.tick, i);
        assert_true(g->last.time == (double)i / 60.0);
        assert_true(g->last.dt == 1.0f / 60.0f);
        assert_false(g->last.reloaded);
    }
    assert_int_equal(g->updates, 3);
    assert_true(host_update(room->host, &room->game, &room->input, true, &room->fault));
    assert_true(g->last.reloaded);
}

static void tick_rate_change_keeps_time_continuous(void **state)
{
    // Scenario: the tick rate goes 60, 10, 1000, 60 over 40 ticks.
    // Expect: every tick moves time on by exactly its own dt; never back, never a jump.
    Room *room = *state;
    static const int RATES[] = {60, 10, 1000, 60};
    double before = 0;
    for (size_t r = 0; r < COUNT_OF(RATES); r++) {
        room->game.tick_rate = RATES[r];
        for (int i = 0; i < 10; i++) {
            tick(room, count_update);
            const hl_tick *t = &game_of(room)->last;
            assert_true(t->dt == 1.0f / (float)RATES[r]);
            assert_true(fabs(t->time - before - 1.0 / RATES[r]) < 1e-12);
            before = t->time;
        }
    }
}

static void break_promise(void *state, hl_tick *t)
{
    Game *g = state;
    g->step++;
    g->number = __LINE__ + 1;
    HL_ASSERT(t, g->step != 2);
    g->updates++;
}

static void failed_assert_ends_the_tick_there(void **state)
{
    // Scenario: HL_ASSERT fails in the second of three ticks.
    // Expect: that tick ends at the assert with expression, file and line; the third runs again.
    Room *room = *state;
    Game *g = game_of(room);
    tick(room, break_promise);
    assert_false(try_tick(room, break_promise));
    assert_int_equal(g->step, 2);
    assert_int_equal(g->updates, 1);
    assert_int_equal(room->fault.kind, FAULT_GAME);
    assert_non_null(strstr(room->fault.text, "g->step != 2"));
    assert_non_null(strstr(room->fault.file, "host_test.c"));
    assert_int_equal(room->fault.line, (int)g->number);
    tick(room, break_promise);
    assert_int_equal(g->updates, 2);
}

static void too_large_init(void *state, hl_tick *t)
{
    (void)state;
    (void)t;
    fail_msg("init ran without its state");
}

static void state_larger_than_the_arena_is_refused(void **state)
{
    // Scenario: a game whose state struct does not fit into its arena.
    // Expect: init does not run; the message names the type and what to change.
    Room *room = *state;
    arena_reset(&room->state, 0);
    host_attach(room->host, arena_push(&room->state, 1, PAGE_BYTES, STATE_BYTES), STATE_BYTES);
    room->game.state_type = "Huge";
    room->game.state_size = STATE_BYTES;
    room->game.init = too_large_init;
    assert_false(host_init(room->host, &room->game, &room->input, &room->fault));
    assert_non_null(strstr(room->fault.text, "Huge"));
    assert_non_null(strstr(room->fault.text, "--arena"));
}

// ----------------------------------------------------------------------------------------- memory

static void use_memory(void *state, hl_tick *t)
{
    Game *g = state;
    Score *scores = hl_new(t, Score, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(scores[i].best, 0);
        scores[i].best = i + 1;
    }
    scores = hl_resize(t, scores, Score, 1000);
    assert_int_equal(scores[3].best, 4);
    assert_int_equal(scores[4].best, 0);
    assert_int_equal(scores[999].best, 0);
    scores = hl_resize(t, scores, Score, 2);
    assert_int_equal(scores[1].best, 2);
    scores = hl_resize(t, scores, Score, 3);
    assert_int_equal(scores[2].best, 0); // not what was there before it shrank
    int *fresh = hl_resize(t, NULL, int, 5);
    assert_int_equal(fresh[4], 0);
    hl_free(t, fresh);
    hl_free(t, NULL);
    g->p = scores;
}

static void use_temp(void *state, hl_tick *t)
{
    Game *g = state;
    uint8_t *bytes = hl_temp(t, uint8_t, 100000);
    for (int i = 0; i < 100000; i++) {
        assert_int_equal(bytes[i], 0);
        bytes[i] = 0xEE;
    }
    double *aligned = hl_temp(t, double, 3);
    assert_int_equal((uintptr_t)aligned % _Alignof(double), 0);
    g->p = bytes;
}

static void memory_is_zeroed_and_in_state_but_temp_is_not(void **state)
{
    // Scenario: hl_new, hl_resize, hl_free; then hl_temp filled with bytes in two ticks.
    // Expect: new elements are zero, kept ones are kept; hl_new's lies in the state, hl_temp's
    // outside of it, zeroed each tick, and does not make the state grow.
    Room *room = *state;
    Game *g = game_of(room);
    tick(room, use_memory);
    uintptr_t first = ARENA_STATE_ADDRESS, end = first + host_state_bytes(room->host);
    assert_in_range((uintptr_t)g->p, first, end);
    size_t used_bytes = host_state_bytes(room->host);
    for (int i = 0; i < 2; i++) {
        tick(room, use_temp);
        assert_false((uintptr_t)g->p >= first && (uintptr_t)g->p < first + STATE_BYTES);
    }
    assert_int_equal(host_state_bytes(room->host), used_bytes);
}

static void fill_arena(void *state, hl_tick *t)
{
    Game *g = state;
    switch (g->step) {
    case 0:
        g->p = hl_new(t, Score, 100000);
        return;
    case 1:
        (void)hl_new(t, Sight, 300000);
        break;
    case 2:
        (void)hl_resize(t, g->p, Score, 600000);
        break;
    case 3:
        (void)hl_new(t, Score, SIZE_MAX); // what a negative count becomes
        break;
    default:
        (void)hl_temp(t, Score, SIZE_MAX / 4);
        break;
    }
    fail_msg("step %d found room", g->step);
}

static void full_arena_ends_the_tick_with_names_and_sizes(void **state)
{
    // Scenario: too much for the arena, by hl_new, hl_resize, a negative count and hl_temp.
    // Expect: the tick ends with a fault that names the type, its size and the count, and what is
    // in the arena; what was there is untouched and goes on working.
    Room *room = *state;
    Game *g = game_of(room);
    char size[64];
    tick(room, fill_arena);
    Score *scores = g->p;
    scores[99999].best = 5;
    for (g->step = 1; g->step <= 4; g->step++) {
        assert_false(try_tick(room, fill_arena));
        assert_int_equal(room->fault.kind, FAULT_GAME);
        assert_non_null(strstr(room->fault.text, g->step == 1 ? "Sight" : "Score"));
        (void)text_format(size, sizeof(size), "%zu bytes each",
                          g->step == 1 ? sizeof(Sight) : sizeof(Score));
        assert_non_null(strstr(room->fault.text, size));
        if (g->step == 1) {
            assert_non_null(strstr(room->fault.text, "300000"));
            assert_non_null(strstr(room->fault.text, "Score 1.5 MiB"));
        }
    }
    assert_int_equal(scores[99999].best, 5);
    assert_true(heap_check(room->host->heap, &room->fault));
    tick(room, use_memory);
}

static void free_wrongly(void *state, hl_tick *t)
{
    Game *g = state;
    static int foreign;
    int *p = hl_new(t, int, 4);
    switch (g->step) {
    case 0:
        hl_free(t, p);
        hl_free(t, p);
        break;
    case 1:
        hl_free(t, &foreign);
        break;
    case 2:
        hl_free(t, p + 1);
        break;
    default:
        hl_free(t, p);
        (void)hl_resize(t, p, int, 8);
        break;
    }
    fail_msg("step %d went on", g->step);
}

static void wrong_pointers_end_the_tick(void **state)
{
    // Scenario: double free, free of a static and of an inner pointer, resize of freed memory.
    // Expect: the tick ends there and names the call and the pointer; the heap stays sound.
    Room *room = *state;
    Game *g = game_of(room);
    for (g->step = 0; g->step < 4; g->step++) {
        assert_false(try_tick(room, free_wrongly));
        assert_non_null(
            strstr(room->fault.text, g->step == 3 ? "hl_resize of 0x" : "hl_free of 0x"));
        assert_true(heap_check(room->host->heap, &room->fault));
    }
    tick(room, use_memory);
}

// ------------------------------------------------------------------------------------------ input

static void check_button(void *state, hl_tick *t)
{
    (void)state;
    // The half transitions one by one, from the level they must have begun at.
    hl_button button = t->in->key[HL_KEY_J];
    int level = (button.down + button.changes) & 1, downs = 0, ups = 0;
    for (int i = 0; i < button.changes; i++) {
        level ^= 1;
        downs += level;
        ups += !level;
    }
    assert_int_equal(level, button.down);
    assert_int_equal(hl_down(t, HL_KEY_J), button.down);
    assert_int_equal(hl_presses(t, HL_KEY_J), downs);
    assert_int_equal(hl_pressed(t, HL_KEY_J), downs > 0);
    assert_int_equal(hl_released(t, HL_KEY_J), ups > 0);
    assert_int_equal(hl_pad_down(t, 2, HL_PAD_LB), button.down);
    assert_int_equal(hl_pad_pressed(t, 2, HL_PAD_LB), downs > 0);
    assert_int_equal(hl_btnp(t, 2, HL_PAD_LB), downs > 0);
}

static void every_button_state_reads_right(void **state)
{
    // Scenario: a key and a pad button with every level and every count of half transitions.
    // Expect: pressed, released and presses are what playing the transitions one by one gives.
    Room *room = *state;
    for (unsigned changes = 0; changes <= 127; changes++) {
        for (unsigned down = 0; down <= 1; down++) {
            hl_button button = {.down = down & 1u, .changes = changes & 127u};
            room->input.key[HL_KEY_J] = button;
            room->input.pad[2].button[HL_PAD_LB] = button;
            tick(room, check_button);
        }
    }
}

static void check_out_of_range(void *state, hl_tick *t)
{
    (void)state;
    static const int BAD_KEYS[] = {-1, HL_KEYS, INT32_MIN, INT32_MAX};
    static const int BAD_PLAYERS[] = {-1, 4, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < COUNT_OF(BAD_KEYS); i++) {
        assert_false(hl_down(t, BAD_KEYS[i]) || hl_pressed(t, BAD_KEYS[i]));
        assert_false(hl_released(t, BAD_KEYS[i]) || hl_repeat(t, BAD_KEYS[i], 0, 0));
        assert_int_equal(hl_presses(t, BAD_KEYS[i]), 0);
        assert_true(hl_axis(t, BAD_KEYS[i], BAD_KEYS[i]) == 0);
        assert_false(hl_btn(t, BAD_PLAYERS[i], HL_PAD_A) || hl_btnp(t, BAD_PLAYERS[i], HL_PAD_A));
        assert_false(hl_pad_down(t, BAD_PLAYERS[i], HL_PAD_A));
        assert_true(hl_move(t, BAD_PLAYERS[i]).x == 0);
        hl_rumble(t, BAD_PLAYERS[i], 1, 1, 1);
    }
    assert_false(hl_btn(t, 0, (hl_pad_button)HL_PAD_BUTTONS) || hl_btnp(t, 0, (hl_pad_button)99));
    hl_rumble(t, 0, NAN, 1, 1);
    hl_rumble(t, 1, 7, 0.5f, 100);
}

static void numbers_out_of_range_read_as_released(void **state)
{
    // Scenario: everything is held, and a game asks for keys, players and buttons out of range.
    // Expect: all released, no rumble for them; a rumble in range is clamped to 1 and 5 seconds.
    Room *room = *state;
    memset(room->input.key, 0xff, sizeof(room->input.key));
    memset(room->input.pad[0].button, 0xff, sizeof(room->input.pad[0].button));
    tick(room, check_out_of_range);
    const HostWishes *wishes = &room->host->wishes;
    assert_false(wishes->rumble[0].on);
    assert_true(wishes->rumble[1].on);
    assert_true(wishes->rumble[1].low == 1 && wishes->rumble[1].high == 0.5f);
    assert_true(wishes->rumble[1].seconds == 5);
}

static void note_repeat(void *state, hl_tick *t)
{
    Game *g = state;
    g->loaded = hl_repeat(t, HL_KEY_DOWN, (float)g->score.best / 1e6f, (float)g->number);
}

static void assert_repeats(Room *room, int rate, int delay_ticks, int period_ticks)
{
    Game *g = game_of(room);
    room->game.tick_rate = rate;
    g->score.best = (int)(1000000LL * delay_ticks / rate);
    g->number = (double)period_ticks / rate;
    for (int held = 0; held < 30 * rate && held < 6000; held++) {
        room->input.key[HL_KEY_DOWN] = (hl_button){.down = 1, .changes = held == 0};
        tick(room, note_repeat);
        bool due = held == 0 || (held >= delay_ticks && (held - delay_ticks) % period_ticks == 0);
        if (g->loaded != due) {
            fail_msg("at %d Hz, delay %d, period %d: held for %d ticks gives %d", rate, delay_ticks,
                     period_ticks, held, g->loaded);
        }
    }
    room->input.key[HL_KEY_DOWN] = (hl_button){.down = 0, .changes = 1};
    tick(room, note_repeat);
    assert_false(g->loaded);
}

static void repeat_fires_after_the_delay_and_then_each_period(void **state)
{
    // Scenario: a key held for up to 30 s at several tick rates, with delays and periods of whole
    // ticks.
    // Expect: the press, the tick of the delay, and every period after it; none missed, none twice.
    Room *room = *state;
    assert_repeats(room, 60, 30, 6);
    assert_repeats(room, 60, 15, 3);
    assert_repeats(room, 60, 24, 1);
    assert_repeats(room, 50, 20, 5);
    assert_repeats(room, 100, 25, 7);
    assert_repeats(room, 1000, 300, 50);
}

static void note_moves(void *state, hl_tick *t)
{
    Game *g = state;
    hl_vec2 move = hl_move(t, g->step);
    snprintf(g->text, sizeof(g->text), "%.3f %.3f", (double)move.x, (double)move.y);
    g->number = (double)hl_axis(t, HL_KEY_Q, HL_KEY_E);
}

static void set_key(Room *room, int key, bool down)
{
    room->input.key[key] = (hl_button){.down = down, .changes = down};
}

static void move_and_axis_combine_keys_pad_and_stick(void **state)
{
    // Scenario: every combination of the four directions, by arrows, WASD and d-pad; sticks; both
    // keys of an axis.
    // Expect: opposites cancel, diagonals have length 1, keys are player 0's alone, the stick
    // counts when no button does and never exceeds length 1.
    Room *room = *state;
    Game *g = game_of(room);
    static const int SETS[2][4] = {{HL_KEY_LEFT, HL_KEY_RIGHT, HL_KEY_UP, HL_KEY_DOWN},
                                   {HL_KEY_A, HL_KEY_D, HL_KEY_W, HL_KEY_S}};
    static const int PAD[4] = {HL_PAD_LEFT, HL_PAD_RIGHT, HL_PAD_UP, HL_PAD_DOWN};
    for (unsigned mask = 0; mask < 3 * 16; mask++) {
        unsigned set = mask / 16;
        memset(&room->input, 0, sizeof(room->input));
        for (unsigned i = 0; i < 4; i++) {
            bool down = mask >> i & 1;
            if (set < 2) {
                set_key(room, SETS[set][i], down);
            } else {
                room->input.pad[0].button[PAD[i]].down = down;
            }
        }
        double x = (mask >> 1 & 1) - (double)(mask & 1);
        double y = (mask >> 3 & 1) - (double)(mask >> 2 & 1);
        double length = x != 0 && y != 0 ? sqrt(2) : 1;
        char expected[64];
        snprintf(expected, sizeof(expected), "%.3f %.3f", x / length, y / length);
        g->step = 0;
        tick(room, note_moves);
        assert_string_equal(g->text, expected);
        g->step = 1;
        tick(room, note_moves);
        assert_string_equal(g->text, "0.000 0.000");
    }
    memset(&room->input, 0, sizeof(room->input));
    room->input.pad[3].left = (hl_vec2){-0.25f, 0.5f};
    room->input.pad[0].left = (hl_vec2){3, 4};
    g->step = 3;
    tick(room, note_moves);
    assert_string_equal(g->text, "-0.250 0.500");
    g->step = 0;
    set_key(room, HL_KEY_E, true);
    tick(room, note_moves);
    assert_string_equal(g->text, "0.600 0.800");
    assert_true(g->number == 1);
    set_key(room, HL_KEY_Q, true);
    tick(room, note_moves);
    assert_true(g->number == 0);
}

static void check_aliases(void *state, hl_tick *t)
{
    Game *g = state;
    for (int button = 0; button < HL_PAD_BUTTONS; button++) {
        bool is_it = button == g->step;
        assert_int_equal(hl_btn(t, 0, (hl_pad_button)button), is_it);
        assert_int_equal(hl_btnp(t, 0, (hl_pad_button)button), is_it);
        assert_false(hl_btn(t, 1, (hl_pad_button)button)
                     || hl_pad_down(t, 0, (hl_pad_button)button));
    }
}

static void keys_stand_for_player_0s_buttons(void **state)
{
    // Scenario: each key that stands for a pad button, alone.
    // Expect: exactly that button of player 0; nothing for player 1 and nothing from hl_pad_down.
    Room *room = *state;
    static const int PAIRS[][2] = {{HL_KEY_Z, HL_PAD_A},
                                   {HL_KEY_SPACE, HL_PAD_A},
                                   {HL_KEY_X, HL_PAD_B},
                                   {HL_KEY_C, HL_PAD_X},
                                   {HL_KEY_V, HL_PAD_Y},
                                   {HL_KEY_ENTER, HL_PAD_START},
                                   {HL_KEY_BACKSPACE, HL_PAD_BACK},
                                   {HL_KEY_UP, HL_PAD_UP},
                                   {HL_KEY_W, HL_PAD_UP},
                                   {HL_KEY_DOWN, HL_PAD_DOWN},
                                   {HL_KEY_S, HL_PAD_DOWN},
                                   {HL_KEY_LEFT, HL_PAD_LEFT},
                                   {HL_KEY_A, HL_PAD_LEFT},
                                   {HL_KEY_RIGHT, HL_PAD_RIGHT},
                                   {HL_KEY_D, HL_PAD_RIGHT}};
    for (size_t i = 0; i < COUNT_OF(PAIRS); i++) {
        memset(&room->input, 0, sizeof(room->input));
        set_key(room, PAIRS[i][0], true);
        game_of(room)->step = PAIRS[i][1];
        tick(room, check_aliases);
    }
}

// ---------------------------------------------------------------------------------------- numbers

// |got - right| in units of the last place of a float near `right`.
static double ulps(float got, double right)
{
    int exponent;
    (void)frexp(right, &exponent);
    double ulp = ldexp(1, exponent - 24 < -149 ? -149 : exponent - 24);
    return fabs((double)got - right) / ulp;
}

static void assert_sine_near(float x)
{
    if (ulps(hl_sin(x), sin((double)x)) > 2 || ulps(hl_cos(x), cos((double)x)) > 2) {
        fail_msg("hl_sin(%a) = %a, hl_cos = %a", (double)x, (double)hl_sin(x), (double)hl_cos(x));
    }
}

static float random_float(hl_rng *rng)
{
    uint32_t bits = hl_rand(rng);
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static void sines_are_within_2_ulp(void **state)
{
    // Scenario: a million angles below 10,000, of every magnitude; those next to multiples of pi/2;
    // 0, denormals, infinities and NaN.
    // Expect: at most 2 units in the last place from libm in double; a number for every input.
    hl_rng rng;
    (void)state;
    hl_seed(&rng, 1, 1);
    for (int i = 0; i < 500000; i++) {
        assert_sine_near(hl_rand_float(&rng, -10000, 10000));
        float x = random_float(&rng);
        if (fabsf(x) < 10000) {
            assert_sine_near(x);
        }
    }
    for (int n = -6360; n <= 6360; n++) {
        float x = (float)(n * 1.5707963267948966);
        assert_sine_near(x);
        assert_sine_near(nextafterf(x, -INFINITY));
        assert_sine_near(nextafterf(x, INFINITY));
    }
    assert_true(hl_sin(0) == 0 && hl_cos(0) == 1 && hl_sin(-0.0f) == 0 && hl_cos(-0.0f) == 1);
    static const float ODD[] = {NAN, INFINITY, -INFINITY, 3e38f, 1e9f, -5e8f, 1e-45f};
    for (size_t i = 0; i < COUNT_OF(ODD); i++) {
        assert_true(fabsf(hl_sin(ODD[i])) <= 1 && fabsf(hl_cos(ODD[i])) <= 1);
    }
}

static void assert_atan2_near(float y, float x)
{
    if (ulps(hl_atan2(y, x), atan2((double)y, (double)x)) > 2) {
        fail_msg("hl_atan2(%a, %a) = %a", (double)y, (double)x, (double)hl_atan2(y, x));
    }
}

static void atan2_is_within_2_ulp(void **state)
{
    // Scenario: 500,000 pairs of every magnitude and sign, the axes, the diagonals, infinities.
    // Expect: at most 2 units in the last place from libm in double; 0 for no direction and for
    // NaN.
    hl_rng rng;
    (void)state;
    hl_seed(&rng, 2, 1);
    for (int i = 0; i < 250000; i++) {
        assert_atan2_near(hl_rand_float(&rng, -100, 100), hl_rand_float(&rng, -100, 100));
        float y = random_float(&rng), x = random_float(&rng);
        if (!isnan(x) && !isnan(y)) {
            assert_atan2_near(y, x);
        }
    }
    static const float ENDS[] = {1, -1, 0.5f, -0.5f, INFINITY, -INFINITY, 1e-45f, 3e38f};
    for (size_t i = 0; i < COUNT_OF(ENDS); i++) {
        assert_atan2_near(0.0f, ENDS[i]);
        assert_atan2_near(-0.0f, ENDS[i]);
        assert_atan2_near(ENDS[i], 0.0f);
        for (size_t k = 0; k < COUNT_OF(ENDS); k++) {
            assert_atan2_near(ENDS[i], ENDS[k]);
        }
    }
    assert_true(hl_atan2(0, 0) == 0 && hl_atan2(NAN, 1) == 0 && hl_atan2(1, NAN) == 0);
}

static void random_numbers_are_pcg32(void **state)
{
    // Scenario: the demo of O'Neill's pcg_basic (seed 42, stream 54); ranges of 1 to 2^32 numbers.
    // Expect: its printed numbers; every number of a small range comes, none outside of it; a float
    // never reaches its upper end.
    static const uint32_t KNOWN[] = {0xa15c02b7, 0x7b47f409, 0xba1d3330,
                                     0x83d2f293, 0xbfa4784b, 0xcbed606e};
    hl_rng rng;
    (void)state;
    hl_seed(&rng, 42, 54);
    for (size_t i = 0; i < COUNT_OF(KNOWN); i++) {
        assert_int_equal(hl_rand(&rng), KNOWN[i]);
    }
    int seen[7] = {0};
    for (int i = 0; i < 7000; i++) {
        int x = hl_rand_int(&rng, -3, 3);
        assert_true(x >= -3 && x <= 3);
        seen[x + 3]++;
    }
    for (int i = 0; i < 7; i++) {
        assert_in_range(seen[i], 800, 1200);
    }
    assert_int_equal(hl_rand_int(&rng, 9, 9), 9);
    bool negative = false, positive = false;
    for (int i = 0; i < 100; i++) {
        int x = hl_rand_int(&rng, INT32_MIN, INT32_MAX);
        negative |= x < 0;
        positive |= x > 0;
    }
    assert_true(negative && positive);
    hl_rng top = {.state = 0, .inc = 1};
    for (int i = 0; i < 100000; i++) {
        float x = hl_rand_float(&top, 1e7f, 1e7f + 2);
        assert_true(x >= 1e7f && x < 1e7f + 2);
    }
}

#include "host_output_test.c"
#include "host_outside_test.c"

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(init_is_tick_0_and_updates_count_on),
        CASE(tick_rate_change_keeps_time_continuous),
        CASE(failed_assert_ends_the_tick_there),
        CASE(state_larger_than_the_arena_is_refused),
        CASE(memory_is_zeroed_and_in_state_but_temp_is_not),
        CASE(full_arena_ends_the_tick_with_names_and_sizes),
        CASE(wrong_pointers_end_the_tick),
        CASE(every_button_state_reads_right),
        CASE(numbers_out_of_range_read_as_released),
        CASE(repeat_fires_after_the_delay_and_then_each_period),
        CASE(move_and_axis_combine_keys_pad_and_stick),
        CASE(keys_stand_for_player_0s_buttons),
        cmocka_unit_test(sines_are_within_2_ulp),
        cmocka_unit_test(atan2_is_within_2_ulp),
        cmocka_unit_test(random_numbers_are_pcg32),
        CASE(file_changes_are_told_once),
        CASE(change_seen_by_reading_is_not_told_again),
        CASE(older_state_sees_the_change_again),
        CASE(missing_files_appear_and_stay),
        CASE(too_many_file_names_end_the_tick),
        CASE(saves_come_back),
        CASE(saves_of_other_structs_become_todays),
        CASE(damaged_saves_are_kept_aside),
        CASE(slot_names_are_refused),
        CASE(replay_needs_no_disk_and_writes_none),
        CASE(loads_of_one_tick_have_the_same_limit_in_a_replay),
        CASE(notes_name_what_is_new_and_can_be_taken_back),
        CASE(repeated_tick_loads_what_it_was_given_and_saves_nothing),
        CASE(audio_frames_add_up),
        CASE(sound_requests_reach_the_list_in_range),
        CASE(log_lines_are_bounded_and_harmless),
        CASE(watches_speak_once_a_second_and_when_changed),
        CASE(plots_report_each_second),
        CASE(wishes_are_left_for_the_loop),
        CASE(debug_drawing_lies_over_the_game),
        CASE(trails_are_those_of_history),
        CASE(trails_pass_over_edits_not_over_restarts),
        CASE(missing_pictures_and_fonts_show_a_placeholder),
        CASE(to_world_undoes_the_camera),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
