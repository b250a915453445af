// What each panel looks like, compared with the images in shots/.
#include "panel_testing.h"
#include "ui_shots.h"

enum { WARM_FRAMES = 8 };

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
    room->input.mouse_px = (hl_vec2){2, 2};
    frames(room, WARM_FRAMES);
    room->view.now_ns += NS_PER_S; // no flashes
    frame(room);
    shoot_over(shot, &room->over);
}

static void inspector(void **state)
{
    // Scenario: the inspector in a small window: the hero unfolded, his speed and score pinned.
    // Expect: as in the image.
    Room *room = *state;
    const Shot shot = {640, 360, 1, "inspector", "panel"};
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
    const Shot shot = {1280, 720, 2, "inspector_2x", "panel"};
    begin(room, &shot);
    open_panel(room, PANEL_INSPECTOR);
    click(room, "hero.c");
    shoot(room, &shot);
}

static void a_search(void **state)
{
    // Scenario: "vec" is typed, in a large window at scale 1. Expect: as in the image.
    Room *room = *state;
    const Shot shot = {960, 540, 1, "search", "panel"};
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
    const Shot shot = {640, 360, 1, "million", "panel"};
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
    const Shot shot = {640, 360, 1, "log", "panel"};
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
    const Shot shot = {640, 360, 1, "speed", "panel"};
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
    const Shot shot = {640, 360, 1, "watch", "panel"};
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
        for (uint32_t n = 0; n < host->watch_count; n++) {
            host->watches[n].seen_tick = host->state->tick;
        }
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
    const Shot shot = {640, 360, 1, "tweaks", "panel"};
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
    const Shot shot = {640, 360, 1, "together", "panel"};
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
