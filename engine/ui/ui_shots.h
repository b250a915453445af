// Pictures of what lies over a game, drawn in software and compared with the images in a module's
// shots/. Included by each *_shots_test.c, nowhere else. After a change that is meant to be seen:
//
//     SHOTS=write build/panel_shots_test; SHOTS=write build/inspect_shots_test
//
// and then look at what git says has changed.
#ifndef UI_SHOTS_H
#define UI_SHOTS_H
#include "asset.h"
#include "platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

enum {
    FAR_OFF = 24,      // of 255: a pixel that looks different
    MANY_OFF_PER = 500 // one of so many may: another version of a library rounds otherwise
};

typedef struct Shot {
    int w, h;
    float scale;
    const char *name;
    const char *module; // whose folder shots/ has it
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

// The picture that it is compared with.
static void load_shot(const Shot *shot, uint8_t *rgba)
{
    char folder[256], name[128];
    Fault fault;
    (void)text_format(folder, sizeof(folder), TEST_SOURCE_DIR "/engine/%s/shots", shot->module);
    (void)text_format(name, sizeof(name), "%s.png", shot->name);
    Assets *assets = asset_open(&(const char *){folder}, 1, &fault);
    assert_non_null(assets);
    AssetImage image = asset_image(assets, name);
    if (!image.pixels) {
        fail_msg("%s/%s cannot be read; SHOTS=write makes it", folder, name);
    }
    assert_int_equal(image.w, shot->w);
    assert_int_equal(image.h, shot->h);
    for (size_t i = 0; i < (size_t)shot->w * (size_t)shot->h; i++) {
        for (size_t k = 0; k < 4; k++) {
            rgba[i * 4 + k] = (uint8_t)(image.pixels[i] >> (24 - 8 * k));
        }
    }
    asset_close(assets);
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

static void compare_shot(const Shot *shot, const uint8_t *rgba, Arena *arena)
{
    char wanted[256], got[256];
    Fault fault;
    size_t pixels = (size_t)shot->w * (size_t)shot->h;
    (void)text_format(wanted, sizeof(wanted), TEST_SOURCE_DIR "/engine/%s/shots/%s.png",
                      shot->module, shot->name);
    const char *how = getenv("SHOTS");
    if (how && strcmp(how, "write") == 0) {
        assert_true(platform_write_png(wanted, rgba, shot->w, shot->h, &fault));
        return;
    }
    uint8_t *before = arena_push(arena, 1, 16, pixels * 4);
    load_shot(shot, before);
    size_t off = count_far_off(rgba, before, pixels);
    if (off > pixels / MANY_OFF_PER) {
        (void)text_format(got, sizeof(got), TEST_BUILD_DIR "/%s_%s.png", shot->module, shot->name);
        (void)platform_write_png(got, rgba, shot->w, shot->h, &fault);
        fail_msg("%zu of %zu pixels are others than in %s; look at %s", off, pixels, wanted, got);
    }
}

// `over` above a game, as an image.
static void shoot_over(const Shot *shot, const DrawList *over)
{
    Arena arena;
    DrawList game;
    Fault fault;
    PlatformConfig config = {.null = true, .no_sound = true, .canvas_w = 320, .canvas_h = 180};
    assert_int_equal(over->dropped, 0);
    assert_true(arena_open(&arena, 0, 256u << 20, &fault));
    assert_true(draw_open(&game, &fault));
    draw_game(&game);
    Platform *platform = platform_open(&arena, &config, &fault);
    assert_non_null(platform);
    uint8_t *rgba = arena_push(&arena, 1, 16, (size_t)shot->w * (size_t)shot->h * 4);
    assert_true(platform_pixels(platform, &game, over, shot->w, shot->h, rgba, &fault));
    compare_shot(shot, rgba, &arena);
    platform_close(platform);
    draw_close(&game);
    arena_close(&arena);
}

#endif
