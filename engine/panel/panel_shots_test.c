// What each panel looks like: drawn in software over a game's picture and compared with the images
// in shots/. After a change that is meant to be seen:
//
//     PANEL_SHOTS=write build/panel_shots_test       then look at what git says has changed
#include "panel_testing.h"
#include "platform.h"

#include <SDL.h>
#include <SDL_image.h>

enum {
    FAR_OFF = 24,       // of 255: a pixel that looks different
    MANY_OFF_PER = 500, // one of so many may: another version of a library rounds otherwise
    WARM_FRAMES = 8
};

typedef struct Shot {
    int w, h;
    float scale;
    const char *name;
} Shot;

// Something like a game, light and dark, under the panels.
static void draw_game(DrawList *game)
{
    draw_reset(game, 320, 180);
    draw_clear(game, 0x6fb4e8ff);
    for (int i = 0; i < 40; i++) {
        float x = (float)(i * 8), high = (float)(20 + (i * 37) % 50);
        draw_rect(game, (hl_rectf){x, 180 - high, 8, high}, i % 2 ? 0x3e6b4fff : 0x7a4a33ff);
    }
    draw_circle(game, 250, 40, 18, 0xfff0b0ff);
    draw_text(game, 96, 70, 16, HL_WHITE, "A GAME");
}

static void load(const char *path, int w, int h, uint8_t *rgba)
{
    SDL_Surface *file = IMG_Load(path);
    if (!file) {
        fail_msg("%s: %s; PANEL_SHOTS=write makes it", path, IMG_GetError());
        return;
    }
    SDL_Surface *plain = SDL_ConvertSurfaceFormat(file, SDL_PIXELFORMAT_RGBA32, 0);
    assert_non_null(plain);
    assert_int_equal(plain->w, w);
    assert_int_equal(plain->h, h);
    for (int y = 0; y < h; y++) {
        memcpy(rgba + (size_t)y * (size_t)w * 4,
               (const uint8_t *)plain->pixels + (size_t)y * (size_t)plain->pitch, (size_t)w * 4);
    }
    SDL_FreeSurface(plain);
    SDL_FreeSurface(file);
}

static size_t count_far_off(const uint8_t *a, const uint8_t *b, size_t pixels)
{
    size_t count = 0;
    for (size_t i = 0; i < pixels; i++) {
        int most = 0;
        for (size_t k = 0; k < 3; k++) {
            int off = abs(a[i * 4 + k] - b[i * 4 + k]);
            most = off > most ? off : most;
        }
        count += most > FAR_OFF;
    }
    return count;
}

static void compare(const Shot *shot, const uint8_t *rgba, Arena *arena)
{
    char wanted[256], got[256];
    Fault fault;
    size_t pixels = (size_t)shot->w * (size_t)shot->h;
    (void)text_format(wanted, sizeof(wanted), TEST_SOURCE_DIR "/engine/panel/shots/%s.png",
                      shot->name);
    const char *how = getenv("PANEL_SHOTS");
    if (how && strcmp(how, "write") == 0) {
        assert_true(platform_write_png(wanted, rgba, shot->w, shot->h, &fault));
        return;
    }
    uint8_t *before = arena_push(arena, 1, 16, pixels * 4);
    load(wanted, shot->w, shot->h, before);
    size_t off = count_far_off(rgba, before, pixels);
    if (off > pixels / MANY_OFF_PER) {
        (void)text_format(got, sizeof(got), TEST_BUILD_DIR "/panel_%s.png", shot->name);
        (void)platform_write_png(got, rgba, shot->w, shot->h, &fault);
        fail_msg("%zu of %zu pixels are others than in %s; look at %s", off, pixels, wanted, got);
    }
}

static void begin(Room *room, const Shot *shot)
{
    room->input.width_px = (float)shot->w;
    room->input.height_px = (float)shot->h;
    room->input.scale = shot->scale;
    room->input.mouse_px = (hl_vec2){2, 2};
}

// What is open now, as an image.
static void shoot(Room *room, const Shot *shot)
{
    Arena arena;
    DrawList game;
    Fault fault;
    PlatformConfig config = {.null = true, .no_sound = true, .canvas_w = 320, .canvas_h = 180};
    room->input.mouse_px = (hl_vec2){2, 2};
    frames(room, WARM_FRAMES);
    room->view.now_ns += NS_PER_S; // no flashes
    frame(room);
    assert_int_equal(room->over.dropped, 0);
    assert_true(arena_open(&arena, 0, 256u << 20, &fault));
    assert_true(draw_open(&game, &fault));
    draw_game(&game);
    Platform *platform = platform_open(&arena, &config, &fault);
    assert_non_null(platform);
    uint8_t *rgba = arena_push(&arena, 1, 16, (size_t)shot->w * (size_t)shot->h * 4);
    assert_true(platform_pixels(platform, &game, &room->over, shot->w, shot->h, rgba, &fault));
    compare(shot, rgba, &arena);
    platform_close(platform);
    draw_close(&game);
    arena_close(&arena);
}

static void inspector(void **state)
{
    // Scenario: the inspector in a small window: the hero unfolded, his speed and score pinned.
    // Expect: as in the image.
    Room *room = *state;
    const Shot shot = {640, 360, 1, "inspector"};
    begin(room, &shot);
    panels_put_kept(room->panels,
                    "hotloop panels 1\nopen inspector\npin hero.vel\npin score\nlayout\n");
    frames(room, 3);
    click(room, "hero");
    shoot(room, &shot);
}

static void inspector_on_a_large_screen(void **state)
{
    // Scenario: the same at twice the size, without pins, a file of variables unfolded.
    // Expect: as in the image.
    Room *room = *state;
    const Shot shot = {1280, 720, 2, "inspector_2x"};
    begin(room, &shot);
    open_panel(room, PANEL_INSPECTOR);
    click(room, "hero.c");
    shoot(room, &shot);
}

static void a_search(void **state)
{
    // Scenario: "vec" is typed, in a large window at scale 1. Expect: as in the image.
    Room *room = *state;
    const Shot shot = {960, 540, 1, "search"};
    begin(room, &shot);
    open_panel(room, PANEL_INSPECTOR);
    click(room, "##search=");
    type_text(room, "vec");
    click_at(room, (hl_vec2){20, 300}); // no cursor, which blinks
    shoot(room, &shot);
}

static void million(void **state)
{
    // Scenario: a million numbers, in their middle. Expect: as in the image.
    Room *room = *state;
    const Shot shot = {640, 360, 1, "million"};
    begin(room, &shot);
    open_panel(room, PANEL_INSPECTOR);
    click(room, "Game");
    click(room, "int");
    click_at(room, middle_of(item_of(room, "int", 1)));
    room->input.mouse_px = middle_of(value_of(room, "[3]"));
    for (int i = 0; i < 30; i++) {
        room->input.wheel = (hl_vec2){0, -4};
        frame(room);
    }
    shoot(room, &shot);
}

static void log_lines(void **state)
{
    // Scenario: lines of all levels, more than fit. Expect: as in the image, the newest last.
    Room *room = *state;
    const Shot shot = {640, 360, 1, "log"};
    static const char *const SAID[] = {"level 1: 14 coins, 6 mobs", "a frog jumps",
                                       "the picture bat.png is not there; a box is drawn instead",
                                       "checkpoint", "HL_ASSERT(g->lives >= 0) does not hold"};
    begin(room, &shot);
    for (int i = 0; i < 40; i++) {
        LogLevel level = i % 5 == 2 ? LOG_WARNING : i % 5 == 4 ? LOG_ERROR : LOG_INFO;
        panels_log(room->panels, level, (uint64_t)(470 + i), true,
                   (LivePlace){.moment = (uint64_t)(470 + i)}, SAID[i % 5]);
    }
    open_panel(room, PANEL_LOG);
    shoot(room, &shot);
}

static void speed(void **state)
{
    // Scenario: two seconds of frames, one late, a reload in between. Expect: as in the image.
    Room *room = *state;
    const Shot shot = {640, 360, 1, "speed"};
    begin(room, &shot);
    room->view.times = &room->times;
    room->view.draw_commands = 214;
    room->view.draw_calls = 7;
    panel_set_open(room->panels, PANEL_SPEED, true);
    for (int i = 0; i < 130; i++) {
        float wave = 1 + 0.4f * sinf((float)i / 9);
        room->times = (PanelTimes){.frame = i == 60 ? 31 : 16.7f,
                                   .ticks = (i == 60 ? 21 : 2.1f) * wave,
                                   .capture = 0.9f * wave,
                                   .draw = 1.6f,
                                   .panels = 0.4f,
                                   .present = 1.8f,
                                   .idle = 9.2f,
                                   .reload = i == 90};
        frame(room);
    }
    room->view.times = NULL;
    shoot(room, &shot);
}

static void watch(void **state)
{
    // Scenario: three watches, two plots with two hundred ticks behind them. Expect: as in the
    // image.
    Room *room = *state;
    static HostState host_state;
    static const char *const WATCHES[][2] = {
        {"g->hero.pos", "(12.5, 96)"}, {"g->mob_count", "6"}, {"g->level.name", "\"Meadow\""}};
    const Shot shot = {640, 360, 1, "watch"};
    Host *host = room->live->host;
    begin(room, &shot);
    host_state = (HostState){0};
    host->state = &host_state;
    for (size_t i = 0; i < COUNT_OF(WATCHES); i++) {
        HostWatch *one = &host->watches[host->watch_count++];
        (void)text_format(one->name, sizeof(one->name), "%s", WATCHES[i][0]);
        (void)text_format(one->now, sizeof(one->now), "%s", WATCHES[i][1]);
    }
    for (int i = 0; i < 2; i++) {
        HostWatch *plot = &host->watches[host->watch_count++];
        plot->is_plot = true;
        (void)text_format(plot->name, sizeof(plot->name), "%s", i ? "g->shake" : "g->hero.vel.y");
    }
    panel_set_open(room->panels, PANEL_WATCH, true);
    for (int i = 0; i < 200; i++) {
        host_state.tick++;
        host->watches[3].last = i % 70 < 35 ? -315 + 18 * (i % 70) : 0;
        host->watches[4].last = exp(-(i % 90) / 20.0) * (i % 2 ? 1 : -1);
        frame(room);
    }
    shoot(room, &shot);
}

static void tweaks(void **state)
{
    // Scenario: numbers to play with, one of them changed. Expect: as in the image.
    Room *room = *state;
    static uint8_t initial[1 << 20];
    const Shot shot = {640, 360, 1, "tweaks"};
    uintptr_t first = UINTPTR_MAX, end = 0;
    begin(room, &shot);
    for (uint32_t i = 0; i < room->table->variable_count; i++) {
        const ReflectVariable *one = &room->table->variables[i];
        if (one->address && !one->is_const) {
            first = one->address < first ? one->address : first;
            end = one->address + one->bytes > end ? one->address + one->bytes : end;
        }
    }
    assert_true(end - first <= sizeof(initial));
    memcpy(initial, (const void *)first, end - first);
    float *jump = dlsym(room->library, "JUMP");
    assert_non_null(jump);
    const hl_tweak declared = {
        .name = "JUMP", .value = jump, .initial = *jump, .min = 0, .max = 500};
    *jump = 310;
    room->live->now = (GameLib){.globals_first = first,
                                .globals_end = end,
                                .globals_initial = initial,
                                .tweaks = &declared,
                                .tweak_count = 1};
    open_panel(room, PANEL_TWEAKS);
    shoot(room, &shot);
}

static void three_together(void **state)
{
    // Scenario: inspector, performance and log in the smallest window they are made for.
    // Expect: as in the image: beside each other.
    Room *room = *state;
    const Shot shot = {640, 360, 1, "together"};
    begin(room, &shot);
    open_panel(room, PANEL_INSPECTOR);
    open_panel(room, PANEL_SPEED);
    open_panel(room, PANEL_LOG);
    shoot(room, &shot);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)
int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(inspector),      CASE(inspector_on_a_large_screen),
        CASE(a_search),       CASE(million),
        CASE(log_lines),      CASE(speed),
        CASE(watch),          CASE(tweaks),
        CASE(three_together),
    };
    return cmocka_run_group_tests_name("panel_shots", tests, NULL, NULL);
}
