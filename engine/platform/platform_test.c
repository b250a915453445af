#include "platform_internal.h"

#include <math.h>
#include <SDL_image.h>
#include <SDL_syswm.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { CAP_S = 10 }; // only a hang reaches it

typedef struct Room {
    Arena arena;
    char folder[64];
    DrawList draw, over;
    SoundList sound;
    Platform *platform;
    Fault fault;
} Room;

static int enter(void **state)
{
    Room *room = calloc(1, sizeof(*room));
    (void)text_format(room->folder, sizeof(room->folder), "/tmp/hotloop-platform-test-XXXXXX");
    *state = room;
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    setenv("SDL_AUDIODRIVER", "dummy", 1);
    bool ok = mkdtemp(room->folder) && arena_open(&room->arena, 0, 256u << 20, NULL)
              && draw_open(&room->draw, NULL) && draw_open(&room->over, NULL)
              && sound_open(&room->sound, NULL);
    return ok ? 0 : 1;
}

static int leave(void **state)
{
    Room *room = *state;
    char command[128];
    platform_close(room->platform);
    (void)text_format(command, sizeof(command), "rm -rf %s", room->folder);
    draw_close(&room->draw);
    draw_close(&room->over);
    sound_close(&room->sound);
    arena_close(&room->arena);
    int result = system(command);
    free(room);
    return result;
}

static PlatformConfig small(bool null)
{
    return (PlatformConfig){
        .null = null, .title = "test", .canvas_w = 80, .canvas_h = 45, .no_sound = true};
}

static void open_with(Room *room, const PlatformConfig *config)
{
    room->platform = platform_open(&room->arena, config, &room->fault);
    assert_non_null(room->platform);
    PlatformEvents events; // what opening caused: the first size, devices, notes
    do {
        events = platform_poll(room->platform);
    } while (events.resized || events.note[0]);
    hl_input input;
    platform_take_input(room->platform, &input);
}

static void close_platform(Room *room)
{
    platform_close(room->platform);
    room->platform = NULL;
}

static void resize(Room *room, int w, int h)
{
    SDL_SetWindowSize(room->platform->window.sdl, w, h);
    platform_poll(room->platform);
    assert_int_equal(platform_info(room->platform)->window_w, w);
    assert_int_equal(platform_info(room->platform)->window_h, h);
}

static SDL_Surface *shot(Room *room, const DrawList *over)
{
    char path[FILE_PATH_MAX];
    assert_true(file_join(path, room->folder, "shot.png"));
    if (!platform_screenshot(room->platform, &room->draw, over, path, &room->fault)) {
        fail_msg("%s", room->fault.text);
    }
    SDL_Surface *read = IMG_Load(path);
    assert_non_null(read);
    SDL_Surface *plain = SDL_ConvertSurfaceFormat(read, SDL_PIXELFORMAT_RGBA8888, 0);
    SDL_FreeSurface(read);
    assert_non_null(plain);
    return plain;
}

static uint32_t pixel(const SDL_Surface *surface, int x, int y)
{
    const uint8_t *row = (const uint8_t *)surface->pixels + (size_t)y * (size_t)surface->pitch;
    uint32_t rgba;
    memcpy(&rgba, row + (size_t)x * 4, 4);
    return rgba;
}

static void press_key(SDL_Scancode code, bool down, bool repeat)
{
    SDL_Event event = {.type = down ? SDL_KEYDOWN : SDL_KEYUP};
    event.key.state = down ? SDL_PRESSED : SDL_RELEASED;
    event.key.repeat = repeat;
    event.key.keysym.scancode = code;
    assert_int_equal(SDL_PushEvent(&event), 1);
}

static void move_mouse(int x, int y, int dx, int dy)
{
    SDL_Event event = {.type = SDL_MOUSEMOTION};
    event.motion.x = x;
    event.motion.y = y;
    event.motion.xrel = dx;
    event.motion.yrel = dy;
    assert_int_equal(SDL_PushEvent(&event), 1);
}

static void window_event(Uint8 kind)
{
    SDL_Event event = {.type = SDL_WINDOWEVENT};
    event.window.event = kind;
    assert_int_equal(SDL_PushEvent(&event), 1);
}

static void type_text(const char *text)
{
    SDL_Event event = {.type = SDL_TEXTINPUT};
    (void)text_format(event.text.text, sizeof(event.text.text), "%s", text);
    assert_int_equal(SDL_PushEvent(&event), 1);
}

static hl_input next_input(Room *room)
{
    hl_input input;
    memset(&input, 0xee, sizeof input);
    platform_poll(room->platform);
    platform_take_input(room->platform, &input);
    return input;
}

// All notes of the next polls in one text.
static void collect_notes(Room *room, char *out, size_t out_bytes)
{
    size_t used = 0;
    out[0] = 0;
    for (int i = 0; i < 12; i++) {
        PlatformEvents events = platform_poll(room->platform);
        (void)text_format(out + used, out_bytes - used, "%s\n", events.note);
        used = strlen(out);
    }
}

// ------------------------------------------------------------------------------------- the picture

// Quarters red, green, blue, white, 2 x 2 texels each.
static uint32_t add_quarters(DrawList *draw, uint32_t key, uint32_t version, uint32_t tint)
{
    static uint32_t pixels[16];
    const uint32_t colors[4] = {0xff0000ffu, 0x00ff00ffu, 0x0000ffffu, 0xffffffffu};
    for (int i = 0; i < 16; i++) {
        pixels[i] = colors[(i / 8) * 2 + (i % 4) / 2] & tint;
    }
    return draw_image(
        draw, &(DrawImage){.key = key, .version = version, .w = 4, .h = 4, .pixels = pixels});
}

static void draw_everything(Room *room)
{
    DrawList *draw = &room->draw;
    draw_reset(draw, 80, 45);
    draw_clear(draw, 0x102030ffu);
    draw_rect(draw, (hl_rectf){10, 10, 5, 5}, 0xff0000ffu);
    draw_rect(draw, (hl_rectf){12, 10, 1, 1}, 0x00ff0080u); // half over red
    draw_blend(draw, HL_ADD);
    draw_rect(draw, (hl_rectf){20, 10, 5, 5}, 0x400000ffu);
    draw_blend(draw, HL_MULTIPLY);
    draw_rect(draw, (hl_rectf){30, 10, 5, 5}, 0x80ff00ffu);
    draw_rect(draw, (hl_rectf){30, 20, 5, 5}, 0xffffff00u); // clear: changes nothing
    draw_blend(draw, HL_NONE);
    draw_rect(draw, (hl_rectf){40, 10, 5, 5}, 0xaabbcc10u);
    draw_blend(draw, HL_ALPHA);
    draw_clip(draw, (hl_rectf){50, 10, 2, 2});
    draw_rect(draw, (hl_rectf){45, 5, 20, 20}, 0xffff00ffu);
    draw_clip(draw, (hl_rectf){0});
    draw_layer(draw, 5);
    draw_rect(draw, (hl_rectf){60, 30, 4, 4}, 0x00ffffffu);
    draw_layer(draw, 0);
    draw_rect(draw, (hl_rectf){60, 30, 4, 4}, 0xff00ffffu); // behind, though later
    uint32_t image = add_quarters(draw, 7, 1, 0xffffffffu);
    hl_spr plain = {.sx = 1, .sy = 1, .tint = 0xffffffffu};
    draw_sprite(draw, image, 10, 30, plain);
    hl_spr flipped = plain;
    flipped.flip_x = true;
    draw_sprite(draw, image, 20, 30, flipped);
    hl_spr turned = plain;
    turned.angle = 1.57079633f;
    draw_sprite(draw, image, 34, 30, turned); // about its top left: lands on 30..34
    hl_spr tinted = plain;
    tinted.tint = 0xff00ff80u;
    draw_sprite(draw, image, 40, 30, tinted);
}

static bool near_color(uint32_t a, uint32_t b)
{
    for (int shift = 0; shift < 32; shift += 8) {
        int difference = (int)(a >> shift & 255u) - (int)(b >> shift & 255u);
        if (abs(difference) > 2) {
            return false;
        }
    }
    return true;
}

static void expect_color(const SDL_Surface *surface, float x, float y, uint32_t rgba)
{
    // The middle of a canvas pixel, wherever the picture was scaled to.
    PlatformFit fit = platform_fit(80, 45, surface->w, surface->h, false);
    int px = fit.box_px.x + (int)((x + 0.5f) * (float)fit.scale);
    int py = fit.box_px.y + (int)((y + 0.5f) * (float)fit.scale);
    if (!near_color(pixel(surface, px, py), rgba)) {
        fail_msg("at %g %g: %08x, not %08x", (double)x, (double)y, pixel(surface, px, py), rgba);
    }
}

static void expect_everything(const SDL_Surface *surface)
{
    expect_color(surface, 0, 0, 0x102030ffu);
    expect_color(surface, 79, 44, 0x102030ffu);
    expect_color(surface, 9, 10, 0x102030ffu);
    expect_color(surface, 10, 10, 0xff0000ffu);
    expect_color(surface, 14, 14, 0xff0000ffu);
    expect_color(surface, 15, 14, 0x102030ffu);
    expect_color(surface, 12, 10, 0x7f8000ffu);
    expect_color(surface, 22, 12, 0x502030ffu);
    expect_color(surface, 32, 12, 0x082000ffu);
    expect_color(surface, 32, 22, 0x102030ffu);
    expect_color(surface, 42, 12, 0xaabbccffu);
    expect_color(surface, 49, 10, 0x102030ffu);
    expect_color(surface, 50, 10, 0xffff00ffu);
    expect_color(surface, 51, 11, 0xffff00ffu);
    expect_color(surface, 52, 11, 0x102030ffu);
    expect_color(surface, 61, 31, 0x00ffffffu);
    expect_color(surface, 10, 30, 0xff0000ffu);
    expect_color(surface, 13, 30, 0x00ff00ffu);
    expect_color(surface, 10, 33, 0x0000ffffu);
    expect_color(surface, 13, 33, 0xffffffffu);
    expect_color(surface, 14, 33, 0x102030ffu);
    expect_color(surface, 20, 30, 0x00ff00ffu);
    expect_color(surface, 23, 30, 0xff0000ffu);
    expect_color(surface, 20, 33, 0xffffffffu);
    expect_color(surface, 30, 30, 0x0000ffffu); // a quarter turn clockwise
    expect_color(surface, 33, 30, 0xff0000ffu);
    expect_color(surface, 33, 33, 0x00ff00ffu);
    expect_color(surface, 40, 30, 0x871018ffu); // half of red, half of the ground
}

static void both_twins_draw_the_same_picture(void **state)
{
    // Scenario: shapes in every blend mode, a clip, layers, sprites plain, flipped, turned, tinted;
    // a screenshot of the null twin and one of the window without a screen.
    // Expect: the right colour in chosen canvas pixels of both, after scaling by whole pixels.
    Room *room = *state;
    PlatformConfig config = small(true);
    draw_everything(room);
    open_with(room, &config);
    SDL_Surface *surface = shot(room, NULL);
    assert_int_equal(surface->w, 960); // 80 x 45 by 12
    assert_int_equal(surface->h, 540);
    expect_everything(surface);
    SDL_FreeSurface(surface);
    close_platform(room);
    config.null = false;
    open_with(room, &config);
    resize(room, 330, 200);
    assert_int_equal(platform_info(room->platform)->scale, 4);
    surface = shot(room, NULL);
    assert_int_equal(surface->w, 330);
    expect_everything(surface);
    assert_int_equal(pixel(surface, 2, 100), 0x000000ffu); // the bars
    assert_int_equal(pixel(surface, 327, 100), 0x000000ffu);
    assert_int_equal(pixel(surface, 100, 5), 0x000000ffu);
    SDL_FreeSurface(surface);
}

static void panels_are_drawn_in_window_pixels(void **state)
{
    // Scenario: a list for the canvas and one above it, whose framebuffers have the same number.
    // Expect: the upper one is placed by window pixels and each shows its own framebuffer.
    Room *room = *state;
    PlatformConfig config = small(true);
    const uint32_t green = 0x00ff00ffu, blue = 0x0000ffffu;
    open_with(room, &config);
    draw_reset(&room->draw, 80, 45);
    draw_pixels(&room->draw, &green, 1, 1, (hl_rectf){0, 0, 80, 45});
    draw_reset(&room->over, 960, 540);
    draw_pixels(&room->over, &blue, 1, 1, (hl_rectf){100, 50, 3, 2});
    SDL_Surface *surface = shot(room, &room->over);
    assert_int_equal(pixel(surface, 100, 50), blue);
    assert_int_equal(pixel(surface, 102, 51), blue);
    assert_int_equal(pixel(surface, 103, 51), green);
    assert_int_equal(pixel(surface, 99, 50), green);
    SDL_FreeSurface(surface);
}

static void many_sprites_are_one_call(void **state)
{
    // Scenario: 2,000 sprites of one image; then shapes among them.
    // Expect: one draw call; three when a shape parts them.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    for (int parted = 0; parted < 2; parted++) {
        draw_reset(&room->draw, 80, 45);
        uint32_t image = add_quarters(&room->draw, 7, 1, 0xffffffffu);
        for (int i = 0; i < 2000; i++) {
            draw_sprite(&room->draw, image, (float)(i % 76), (float)(i % 41),
                        (hl_spr){.sx = 1, .sy = 1, .tint = 0xffffffffu});
            if (parted && i == 1000) {
                draw_rect(&room->draw, (hl_rectf){0, 0, 4, 4}, 0xff0000ffu);
            }
        }
        platform_present(room->platform, &room->draw, NULL);
        assert_int_equal(platform_draw_calls(room->platform), parted ? 3 : 1);
    }
}

static void a_new_version_is_uploaded_again(void **state)
{
    // Scenario: the same key with other pixels, first under the same version, then the next; the
    // graphics device then says it lost everything; then nobody uses the image for long.
    // Expect: the old picture, the new one, the new one again with the event set, no texture left.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    resize(room, 160, 90);
    const uint32_t tints[4] = {0xffffffffu, 0x00ffffffu, 0x00ffffffu, 0x00ffffffu};
    const uint32_t versions[4] = {1, 1, 2, 2}, expected[4] = {0xff0000ffu, 0xff0000ffu, 255, 255};
    for (int i = 0; i < 4; i++) {
        if (i == 3) {
            SDL_Event event = {.type = SDL_RENDER_DEVICE_RESET};
            assert_int_equal(SDL_PushEvent(&event), 1);
            assert_true(platform_poll(room->platform).graphics_reset);
        }
        draw_reset(&room->draw, 80, 45);
        uint32_t image = add_quarters(&room->draw, 7, versions[i], tints[i]);
        draw_sprite(&room->draw, image, 0, 0, (hl_spr){.sx = 1, .sy = 1, .tint = 0xffffffffu});
        SDL_Surface *surface = shot(room, NULL);
        assert_int_equal(pixel(surface, 0, 0), expected[i]);
        assert_int_equal(pixel(surface, 4, 0), 0x00ff00ffu);
        SDL_FreeSurface(surface);
    }
    draw_reset(&room->draw, 80, 45);
    for (int i = 0; i < PLATFORM_TEXTURE_IDLE_FRAMES + 100; i++) {
        platform_present(room->platform, &room->draw, NULL);
    }
    assert_int_equal(room->platform->window.render.texture_count, 0);
}

static void wild_numbers_are_survived(void **state)
{
    // Scenario: shapes far beyond the canvas, enormous, not finite; canvases and windows of silly
    // sizes; sizes that are negative or zero.
    // Expect: what covers the canvas fills it, the rest is gone, nothing crashes, sizes are
    // clamped.
    Room *room = *state;
    PlatformConfig config = small(true);
    open_with(room, &config);
    DrawList *draw = &room->draw;
    draw_reset(draw, 80, 45);
    draw_rect(draw, (hl_rectf){-1e9f, -1e9f, 2e9f, 2e9f}, 0x00ff00ffu);
    draw_rect(draw, (hl_rectf){1e30f, 0, 1e30f, 5}, 0xff0000ffu);
    draw_rect(draw, (hl_rectf){0, 0, 0.0f / 0.0f, 5}, 0xff0000ffu);
    draw_circle(draw, -1e6f, -1e6f, 10, 0xff0000ffu);
    draw_triangle(draw, (hl_vec2){-3000000, 20}, (hl_vec2){3000000, 20}, (hl_vec2){0, 3000000},
                  0x0000ffffu);
    draw_camera(draw, &(hl_cam){.x = 1e20f, .y = -1e20f, .zoom = 1e20f, .angle = 1});
    draw_rect(draw, (hl_rectf){-1e20f, -1e20f, 2e20f, 2e20f}, 0x80808000u);
    SDL_Surface *surface = shot(room, NULL);
    expect_color(surface, 0, 0, 0x00ff00ffu);
    expect_color(surface, 79, 10, 0x00ff00ffu);
    expect_color(surface, 40, 40, 0x0000ffffu);
    SDL_FreeSurface(surface);
    draw_reset(draw, 80, 45);
    const int sizes[][2] = {{0, 0}, {-5, 70000}, {4096, 1}, {1, 4096}, {2147483647, -2147483647}};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        platform_set_canvas(room->platform, sizes[i][0], sizes[i][1], i & 1, NULL);
        const PlatformInfo *info = platform_info(room->platform);
        assert_in_range(info->window_w, 1, 4096);
        assert_in_range(info->window_h, 1, 4096);
        SDL_FreeSurface(shot(room, NULL));
    }
    assert_int_equal(platform_fit(80, 45, 0, 0, false).box_px.w, 0);
    assert_int_equal(platform_fit(80, 45, -7, 1 << 30, true).box_px.w, 0);
}

static void a_window_without_pixels_is_safe(void **state)
{
    // Scenario: the window reports 0 x 0 pixels; input, a frame and a screenshot are asked for.
    // Expect: finite mouse numbers, no crash, and the screenshot shows the next size again.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    draw_everything(room);
    room->platform->fit = platform_fit(80, 45, 0, 0, false);
    room->platform->info.window_w = room->platform->info.window_h = 0;
    move_mouse(10, 10, 3, 3);
    hl_input input = next_input(room);
    assert_true(input.mouse.x == input.mouse.x && input.mouse_delta.x == input.mouse_delta.x);
    platform_present(room->platform, &room->draw, NULL);
    assert_int_equal(platform_draw_calls(room->platform), 0);
    resize(room, 160, 90);
    SDL_Surface *surface = shot(room, NULL);
    expect_everything(surface);
    SDL_FreeSurface(surface);
}

static void a_canvas_beyond_the_device_is_still_drawn(void **state)
{
    // Scenario: a graphics device whose textures end at 64 pixels shows a canvas of 80 x 45 and an
    // image of 100 x 2.
    // Expect: the picture all the same, and a note for each.
    Room *room = *state;
    PlatformConfig config = small(false);
    static uint32_t pixels[200];
    open_with(room, &config);
    resize(room, 160, 90);
    for (size_t i = 0; i < COUNT_OF(pixels); i++) {
        pixels[i] = i % 100 < 50 ? 0xff0000ffu : 0x0000ffffu;
    }
    room->platform->window.render.texture_max = 64;
    draw_reset(&room->draw, 80, 45);
    uint32_t image = draw_image(
        &room->draw, &(DrawImage){.key = 3, .version = 1, .w = 100, .h = 2, .pixels = pixels});
    draw_rect(&room->draw, (hl_rectf){0, 0, 80, 20}, 0x00ff00ffu);
    draw_sprite(&room->draw, image, 0, 30, (hl_spr){.sx = 0.5f, .sy = 4, .tint = 0xffffffffu});
    SDL_Surface *surface = shot(room, NULL);
    expect_color(surface, 79, 10, 0x00ff00ffu);
    expect_color(surface, 79, 25, 0x000000ffu);
    expect_color(surface, 5, 33, 0xff0000ffu);
    expect_color(surface, 45, 33, 0x0000ffffu);
    SDL_FreeSurface(surface);
    char notes[4096];
    collect_notes(room, notes, sizeof notes);
    assert_non_null(strstr(notes, "80 x 45"));
    assert_non_null(strstr(notes, "100 x 2"));
}

static void screenshots_are_whole_or_absent(void **state)
{
    // Scenario: a screenshot over an existing file, one into a folder that is not there, one over a
    // folder.
    // Expect: replaced; refused with the path in the message; nothing half written is left.
    Room *room = *state;
    PlatformConfig config = small(true);
    char path[FILE_PATH_MAX], odd[FILE_PATH_MAX];
    open_with(room, &config);
    draw_everything(room);
    assert_true(file_join(path, room->folder, "shot.png"));
    assert_true(file_write(path, "old", 3, NULL));
    SDL_FreeSurface(shot(room, NULL));
    assert_true(file_join(odd, room->folder, "none/shot.png"));
    assert_false(platform_screenshot(room->platform, &room->draw, NULL, odd, &room->fault));
    assert_int_equal(room->fault.kind, FAULT_FILE);
    assert_non_null(strstr(room->fault.text, "none/shot.png"));
    assert_true(file_join(odd, room->folder, "folder"));
    assert_int_equal(mkdir(odd, 0700), 0);
    assert_false(platform_screenshot(room->platform, &room->draw, NULL, odd, &room->fault));
    assert_int_equal(rmdir(odd), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(room->folder), 0); // empty: no temporary file stayed
    assert_int_equal(mkdir(room->folder, 0700), 0);
}

// ------------------------------------------------------------------------------------------- input

static void a_tap_within_one_tick_counts(void **state)
{
    // Scenario: a key goes down and up between two ticks, another repeats while held, F5 with
    // shift. Expect: two changes and not down; one change; F5 only in the events; the next tick has
    // no changes but the levels.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    press_key(SDL_SCANCODE_SPACE, true, false);
    press_key(SDL_SCANCODE_SPACE, false, false);
    press_key(SDL_SCANCODE_A, true, false);
    press_key(SDL_SCANCODE_A, true, true);
    press_key(SDL_SCANCODE_LSHIFT, true, false);
    press_key(SDL_SCANCODE_F5, true, false);
    press_key(SDL_SCANCODE_F5, false, false);
    press_key(SDL_SCANCODE_LSHIFT, false, false);
    PlatformEvents events = platform_poll(room->platform);
    assert_int_equal(events.f_pressed, 1u << 4);
    assert_true(events.shift);
    assert_false(events.ctrl);
    hl_input input;
    memset(&input, 0xee, sizeof input);
    platform_take_input(room->platform, &input);
    assert_int_equal(input.key[HL_KEY_SPACE].down, 0);
    assert_int_equal(input.key[HL_KEY_SPACE].changes, 2);
    assert_int_equal(input.key[HL_KEY_A].down, 1);
    assert_int_equal(input.key[HL_KEY_A].changes, 1);
    assert_int_equal(input.key[SDL_SCANCODE_F5].changes, 0);
    assert_int_equal(input.reserved[5] | input.pad[3].reserved[2], 0);
    platform_take_input(room->platform, &input);
    assert_int_equal(input.key[HL_KEY_SPACE].changes, 0);
    assert_int_equal(input.key[HL_KEY_A].down, 1);
    assert_int_equal(input.key[HL_KEY_A].changes, 0);
    assert_int_equal(platform_poll(room->platform).f_pressed, 0);
    for (int i = 0; i < 300; i++) {
        press_key(SDL_SCANCODE_B, i % 2 == 0, false);
    }
    assert_int_equal(next_input(room).key[HL_KEY_B].changes, 127);
}

static void the_mouse_is_in_canvas_units(void **state)
{
    // Scenario: a window of 330 x 200 shows the canvas four times as large, centred; the mouse is
    // in the middle, in a bar, clicks and turns the wheel. Expect: canvas units in all places,
    // inside only over the picture, motion and wheel once.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    resize(room, 330, 200);
    move_mouse(165, 100, 8, -4);
    SDL_Event event = {.type = SDL_MOUSEBUTTONDOWN};
    event.button.button = SDL_BUTTON_RIGHT;
    event.button.state = SDL_PRESSED;
    assert_int_equal(SDL_PushEvent(&event), 1);
    event = (SDL_Event){.type = SDL_MOUSEWHEEL};
    event.wheel.y = 2;
    event.wheel.preciseY = 2;
    assert_int_equal(SDL_PushEvent(&event), 1);
    hl_input input = next_input(room);
    assert_true(input.mouse.x == 40 && input.mouse.y == 22.5f);
    assert_true(input.mouse_delta.x == 2 && input.mouse_delta.y == -1);
    assert_true(input.wheel.x == 0 && input.wheel.y == 2);
    assert_int_equal(input.key[HL_MOUSE_RIGHT].down, 1);
    assert_int_equal(input.mouse_inside, 1);
    assert_int_equal(input.window_w, 330);
    assert_true(platform_mouse_px(room->platform).x == 165);
    move_mouse(1, 100, 0, 0);
    input = next_input(room);
    assert_true(input.mouse.x == -1 && input.mouse_delta.x == 0 && input.wheel.y == 0);
    assert_int_equal(input.mouse_inside, 0);
    move_mouse(165, 100, 0, 0);
    assert_int_equal(next_input(room).mouse_inside, 1);
    window_event(SDL_WINDOWEVENT_LEAVE);
    assert_int_equal(next_input(room).mouse_inside, 0);
    platform_set_canvas(room->platform, 33, 20, false, "other");
    move_mouse(10, 20, 0, 0);
    input = next_input(room);
    assert_true(input.mouse.x == 1 && input.mouse.y == 2);
}

static void long_text_goes_on_in_the_next_tick(void **state)
{
    // Scenario: 30 letters, an umlaut and a clef are typed at once; then far too much.
    // Expect: no character is cut in two, the rest comes with the next tick, the loss is said.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    type_text("abcdefghijklmnopqrstuvwxyzABCD");
    type_text("\xc3\xa4\xf0\x9d\x84\x9e!");
    hl_input input = next_input(room);
    assert_string_equal(input.text, "abcdefghijklmnopqrstuvwxyzABCD");
    platform_take_input(room->platform, &input);
    assert_string_equal(input.text, "\xc3\xa4\xf0\x9d\x84\x9e!");
    platform_take_input(room->platform, &input);
    assert_string_equal(input.text, "");
    for (int i = 0; i < 200; i++) {
        type_text("0123456789012345678901234567890");
    }
    assert_non_null(strstr(platform_poll(room->platform).note, "text"));
    size_t total = 0;
    do {
        platform_take_input(room->platform, &input);
        total += strlen(input.text);
    } while (input.text[0]);
    assert_in_range(total, 4000, 4096);
}

static void losing_the_focus_releases_everything(void **state)
{
    // Scenario: a key and a mouse button are held when the focus goes, and it comes back.
    // Expect: both released with their transition; the events say lost, then gained.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    press_key(SDL_SCANCODE_W, true, false);
    SDL_Event event = {.type = SDL_MOUSEBUTTONDOWN};
    event.button.button = SDL_BUTTON_LEFT;
    event.button.state = SDL_PRESSED;
    assert_int_equal(SDL_PushEvent(&event), 1);
    hl_input input = next_input(room);
    assert_true(input.key[HL_KEY_W].down && input.key[HL_MOUSE_LEFT].down && input.focused);
    window_event(SDL_WINDOWEVENT_FOCUS_LOST);
    assert_true(platform_poll(room->platform).focus_lost);
    platform_take_input(room->platform, &input);
    assert_int_equal(input.focused, 0);
    assert_false(input.key[HL_KEY_W].down || input.key[HL_MOUSE_LEFT].down);
    assert_int_equal(input.key[HL_KEY_W].changes, 1);
    window_event(SDL_WINDOWEVENT_FOCUS_GAINED);
    assert_true(platform_poll(room->platform).focus_gained);
    assert_int_equal(next_input(room).focused, 1);
    event = (SDL_Event){.type = SDL_QUIT};
    assert_int_equal(SDL_PushEvent(&event), 1);
    assert_true(platform_poll(room->platform).quit);
}

// -------------------------------------------------------------------------------------------- pads

static int attach(Uint16 product, const char *name)
{
    SDL_VirtualJoystickDesc desc = {.version = SDL_VIRTUAL_JOYSTICK_DESC_VERSION,
                                    .type = SDL_JOYSTICK_TYPE_GAMECONTROLLER,
                                    .naxes = SDL_CONTROLLER_AXIS_MAX,
                                    .nbuttons = SDL_CONTROLLER_BUTTON_MAX,
                                    .vendor_id = 0x1234,
                                    .product_id = product,
                                    .name = name};
    int device = SDL_JoystickAttachVirtualEx(&desc);
    assert_true(device >= 0);
    return device;
}

static SDL_Joystick *joystick_of(Room *room, int slot)
{
    SDL_GameController *controller = room->platform->pads.slot[slot].controller;
    assert_non_null(controller);
    return SDL_GameControllerGetJoystick(controller);
}

static void detach(Room *room, int slot)
{
    SDL_JoystickID instance = room->platform->pads.slot[slot].instance;
    for (int i = 0; i < SDL_NumJoysticks(); i++) {
        if (SDL_JoystickGetDeviceInstanceID(i) == instance) {
            assert_int_equal(SDL_JoystickDetachVirtual(i), 0);
            return;
        }
    }
    fail_msg("no device in slot %d", slot);
}

static void pulled_pads_keep_their_slots(void **state)
{
    // Scenario: two pads of different makes; the first is pulled while a button is held, and comes
    // back after a third one was plugged in.
    // Expect: released with its transition and unconnected while away; the same slot on return.
    Room *room = *state;
    PlatformConfig config = small(false);
    open_with(room, &config);
    attach(1, "first");
    platform_poll(room->platform);
    attach(2, "second");
    hl_input input = next_input(room);
    assert_true(input.pad[0].connected && input.pad[1].connected && !input.pad[2].connected);
    SDL_JoystickSetVirtualButton(joystick_of(room, 0), SDL_CONTROLLER_BUTTON_B, SDL_PRESSED);
    SDL_JoystickSetVirtualAxis(joystick_of(room, 0), SDL_CONTROLLER_AXIS_LEFTX, 32767);
    SDL_JoystickSetVirtualAxis(joystick_of(room, 0), SDL_CONTROLLER_AXIS_LEFTY, 32767);
    input = next_input(room);
    assert_int_equal(input.pad[0].button[HL_PAD_B].down, 1);
    assert_int_equal(input.pad[0].button[HL_PAD_B].changes, 1);
    hl_vec2 left = input.pad[0].left;
    assert_true(left.x > 0.7f && left.x < 0.71f && left.x * left.x + left.y * left.y < 1.0001f);
    assert_int_equal(input.pad[1].button[HL_PAD_B].down, 0);
    detach(room, 0);
    input = next_input(room);
    assert_int_equal(input.pad[0].connected, 0);
    assert_int_equal(input.pad[0].button[HL_PAD_B].down, 0);
    assert_int_equal(input.pad[0].button[HL_PAD_B].changes, 1);
    assert_true(input.pad[0].left.x == 0 && input.pad[0].left.y == 0);
    attach(3, "third");
    input = next_input(room);
    assert_true(!input.pad[0].connected && input.pad[2].connected);
    attach(1, "first");
    input = next_input(room);
    assert_int_equal(input.pad[0].connected, 1);
    window_event(SDL_WINDOWEVENT_FOCUS_LOST);
    platform_poll(room->platform);
    SDL_JoystickSetVirtualButton(joystick_of(room, 0), SDL_CONTROLLER_BUTTON_A, SDL_PRESSED);
    assert_int_equal(next_input(room).pad[0].button[HL_PAD_A].down, 0);
    window_event(SDL_WINDOWEVENT_FOCUS_GAINED);
    assert_int_equal(next_input(room).pad[0].button[HL_PAD_A].down, 1);
    for (int i = 0; i < 3; i++) {
        detach(room, i);
    }
    platform_poll(room->platform);
}

static void the_fifth_pad_is_ignored_and_said_once(void **state)
{
    // Scenario: five pads; the fifth is plugged in twice; a joystick of unknown layout comes, too.
    // Expect: four play; one line for the fifth, one for the unknown one.
    Room *room = *state;
    PlatformConfig config = small(false);
    char notes[4096];
    open_with(room, &config);
    for (Uint16 i = 0; i < 4; i++) {
        attach((Uint16)(10 + i), "pad");
        platform_poll(room->platform);
    }
    hl_input input = next_input(room);
    assert_true(input.pad[0].connected && input.pad[3].connected);
    collect_notes(room, notes, sizeof notes);
    for (int i = 0; i < 2; i++) {
        attach(99, "one too many");
        platform_poll(room->platform);
        assert_int_equal(SDL_JoystickDetachVirtual(SDL_NumJoysticks() - 1), 0);
        platform_poll(room->platform);
    }
    SDL_VirtualJoystickDesc wheel = {.version = SDL_VIRTUAL_JOYSTICK_DESC_VERSION,
                                     .type = SDL_JOYSTICK_TYPE_WHEEL,
                                     .naxes = 1,
                                     .nbuttons = 1,
                                     .vendor_id = 0x4321,
                                     .name = "odd wheel"};
    assert_true(SDL_JoystickAttachVirtualEx(&wheel) >= 0);
    room->platform->notes.count = 0;
    room->platform->pads.refused_count = 0;
    attach(99, "one too many");
    collect_notes(room, notes, sizeof notes);
    char *once = strstr(notes, "gamepad 5");
    assert_non_null(once);
    assert_null(strstr(once + 1, "gamepad 5"));
    assert_non_null(strstr(notes, "odd wheel"));
    while (SDL_NumJoysticks() > 0) {
        assert_int_equal(SDL_JoystickDetachVirtual(0), 0);
    }
    platform_poll(room->platform);
}

static void twins_of_one_make_are_told_apart(void **state)
{
    // Scenario: pads of one make, with serial numbers, with ports only, with nothing.
    // Expect: serial decides; then port; then any free place of the same make; never another's.
    (void)state;
    PlatformPads pads = {0};
    PlatformPadId a = {.guid = {{1}}, .serial = "AAA", .path = "/dev/input/event3"};
    PlatformPadId b = {.guid = {{1}}, .serial = "BBB", .path = "/dev/input/event4"};
    pads.slot[0] = (PlatformPadSlot){.taken = true, .id = a};
    pads.slot[1] = (PlatformPadSlot){.taken = true, .id = b};
    PlatformPadId moved = b;
    (void)text_format(moved.path, sizeof moved.path, "/dev/input/event3");
    assert_int_equal(platform_pads_choose(&pads, &moved), 1);
    PlatformPadId other = b;
    (void)text_format(other.serial, sizeof other.serial, "CCC");
    assert_int_equal(platform_pads_choose(&pads, &other), 2);
    pads.slot[0].id.serial[0] = pads.slot[1].id.serial[0] = 0;
    assert_int_equal(platform_pads_choose(&pads, &b), 1); // by port
    (void)text_format(b.path, sizeof b.path, "elsewhere");
    assert_int_equal(platform_pads_choose(&pads, &b), 0); // the same make at least
    pads.slot[2].taken = pads.slot[3].taken = true;
    PlatformPadId foreign = {.guid = {{9}}};
    assert_int_equal(platform_pads_choose(&pads, &foreign), -1);
}

static void sticks_rest_and_reach_the_edge(void **state)
{
    // Scenario: a stick at rest, a little off, at its corners.
    // Expect: 0, 0, and never longer than 1; just beyond the dead zone it starts at 0 again.
    (void)state;
    assert_true(platform_pads_stick(0, 0).x == 0);
    assert_true(platform_pads_stick(4000, -4000).x == 0);
    hl_vec2 corner = platform_pads_stick(-32768, 32767);
    assert_true(corner.x * corner.x + corner.y * corner.y < 1.00001f);
    assert_true(corner.x < -0.7f && corner.y > 0.7f);
    assert_true(platform_pads_stick(32767, 0).x > 0.9999f);
    hl_vec2 edge = platform_pads_stick(6700, 0);
    assert_true(edge.x > 0 && edge.x < 0.01f);
}

// ------------------------------------------------------------------------------------------- place

static void the_windows_place_is_kept(void **state)
{
    // Scenario: the window is moved and resized, closed and opened again; then the file is damaged.
    // Expect: the same place; with rubbish in the file the default size.
    Room *room = *state;
    char path[FILE_PATH_MAX];
    int x, y, w, h;
    assert_true(file_join(path, room->folder, "place"));
    PlatformConfig config = small(false);
    config.memory_path = path;
    open_with(room, &config);
    int default_w = platform_info(room->platform)->window_w;
    assert_true(default_w > 80 && default_w % 80 == 0);
    SDL_SetWindowPosition(room->platform->window.sdl, 111, 77);
    resize(room, 500, 400);
    close_platform(room);
    open_with(room, &config);
    SDL_GetWindowPosition(room->platform->window.sdl, &x, &y);
    SDL_GetWindowSize(room->platform->window.sdl, &w, &h);
    assert_true(x == 111 && y == 77 && w == 500 && h == 400);
    close_platform(room);
    assert_true(file_write(path, "window 1 2 3 -4 \xff", 17, NULL));
    open_with(room, &config);
    assert_int_equal(platform_info(room->platform)->window_w, default_w);
}

static void places_are_clamped_to_what_is_there(void **state)
{
    // Scenario: a place on a display that is gone, one larger than any, one at the border of two.
    // Expect: whole and on the display that holds most of it. Rubbish changes nothing.
    (void)state;
    const SDL_Rect displays[2] = {{0, 0, 1280, 800}, {1280, 0, 800, 600}};
    PlatformPlace gone = {.x = -5000, .y = 9000, .w = 640, .h = 360};
    platform_place_clamp(&gone, displays, 2);
    assert_true(gone.x == 0 && gone.y == 440 && gone.w == 640);
    PlatformPlace huge = {.x = 0, .y = 0, .w = 16000, .h = 1};
    platform_place_clamp(&huge, displays, 2);
    assert_true(huge.w == 1280 && huge.h == 64);
    PlatformPlace second = {.x = 1200, .y = 500, .w = 400, .h = 300};
    platform_place_clamp(&second, displays, 2);
    assert_true(second.x == 1280 && second.y == 300);
    PlatformPlace place = {.w = 7};
    const char *rubbish[] = {"", "window", "window 1 2 3 4",
                             "window 1 2 0 4 maximized 0 fullscreen 0",
                             "window 1 2 3 4 maximized 0 fullscreen 0 and more"};
    for (size_t i = 0; i < COUNT_OF(rubbish); i++) {
        assert_false(platform_place_parse(&place, rubbish[i]));
    }
    assert_int_equal(place.w, 7);
    PlatformPlace kept = {-20, 30, 640, 360, true, true, false}, read;
    char text[128];
    platform_place_print(&kept, text, sizeof text);
    assert_true(platform_place_parse(&read, text));
    assert_true(read.x == -20 && read.h == 360 && read.maximized && !read.fullscreen);
    platform_place_default(&place, 320, 180, 1920, 1080);
    assert_true(place.w == 1280 && place.h == 720);
    platform_place_default(&place, 4096, 4096, 1280, 800);
    assert_true(place.w <= 1280 && place.h <= 800 && place.w == place.h);
}

// ------------------------------------------------------------------------------------------- clock

static void the_null_clock_is_turned_by_hand(void **state)
{
    // Scenario: the null twin in fast mode waits for an hour, then for the past.
    // Expect: its clock is exactly there at once, and never goes back.
    Room *room = *state;
    PlatformConfig config = small(true);
    config.fast = true;
    uint64_t before = mono_ns();
    open_with(room, &config);
    uint64_t start = platform_now_ns(room->platform);
    assert_in_range(start, before, mono_ns());
    platform_wait_until(room->platform, start + 3600 * NS_PER_S, -1);
    assert_true(platform_now_ns(room->platform) == start + 3600 * NS_PER_S);
    platform_wait_until(room->platform, start, -1);
    assert_true(platform_now_ns(room->platform) == start + 3600 * NS_PER_S);
    hl_input input = next_input(room);
    assert_int_equal(input.focused, 1);
    assert_int_equal(input.window_w, 960);
    assert_int_equal(input.window_h, 540);
    hl_input rest = {.focused = 1, .window_w = 960, .window_h = 540};
    assert_memory_equal(&input, &rest, sizeof rest);
    platform_present(room->platform, &room->draw, NULL);
    assert_false(platform_info(room->platform)->has_display);
    assert_int_equal(SDL_WasInit(0), 0); // cheap: nothing of SDL was started
}

static void waiting_ends_at_the_deadline_or_when_woken(void **state)
{
    // Scenario: wait 20 ms in real time; for long with a pipe that is readable; 20 ms with one
    // whose other end is closed; 20 ms with a descriptor that does not exist. Expect: not before
    // the deadline, except when there is something to read.
    Room *room = *state;
    PlatformConfig config = small(true);
    int ends[2];
    open_with(room, &config);
    uint64_t deadline = platform_now_ns(room->platform) + 20 * NS_PER_MS;
    platform_wait_until(room->platform, deadline, -1);
    assert_true(mono_ns() >= deadline);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    deadline = mono_ns() + CAP_S * NS_PER_S;
    platform_wait_until(room->platform, deadline, ends[0]);
    assert_true(mono_ns() < deadline);
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    close(ends[1]);
    deadline = mono_ns() + 20 * NS_PER_MS;
    platform_wait_until(room->platform, deadline, ends[0]);
    assert_true(mono_ns() >= deadline);
    close(ends[0]);
    deadline = mono_ns() + 20 * NS_PER_MS;
    platform_wait_until(room->platform, deadline, 1000000);
    assert_true(mono_ns() >= deadline);
}

// ------------------------------------------------------------------------------------------- sound

enum { WAV_HEAD = 44, WAV_FRAMES = 4800 };

// A mono wav of 16 bits at 48 kHz that rises in a straight line.
static size_t make_wav(uint8_t out[WAV_HEAD + WAV_FRAMES * 2])
{
    const uint32_t data = WAV_FRAMES * 2, riff = data + 36, sixteen = 16, rate = 48000;
    const uint32_t per_second = 96000;
    const uint16_t pcm = 1, mono = 1, align = 2, bits = 16;
    memcpy(out, "RIFF", 4);
    memcpy(out + 4, &riff, 4);
    memcpy(out + 8, "WAVEfmt ", 8);
    memcpy(out + 16, &sixteen, 4);
    memcpy(out + 20, &pcm, 2);
    memcpy(out + 22, &mono, 2);
    memcpy(out + 24, &rate, 4);
    memcpy(out + 28, &per_second, 4);
    memcpy(out + 32, &align, 2);
    memcpy(out + 34, &bits, 2);
    memcpy(out + 36, "data", 4);
    memcpy(out + 40, &data, 4);
    for (int i = 0; i < WAV_FRAMES; i++) {
        int16_t value = (int16_t)(i * 6);
        memcpy(out + WAV_HEAD + i * 2, &value, 2);
    }
    return WAV_HEAD + WAV_FRAMES * 2;
}

static SoundClip clip_of(uint32_t key, const char *name, const void *data, size_t size_bytes)
{
    SoundClip clip = {.key = key, .version = 1, .data = data, .size_bytes = size_bytes};
    (void)text_format(clip.name, sizeof clip.name, "%s", name);
    return clip;
}

static void push_clip(Room *room, SoundKind kind, const SoundClip *clip)
{
    SoundCmd *cmd = sound_push(&room->sound, kind);
    cmd->volume = 1;
    cmd->clip = *clip;
    sound_clamp(cmd);
}

static void play_list(Room *room)
{
    platform_play(room->platform, &room->sound);
    sound_reset(&room->sound);
}

static PlatformVoice voice_zero(const PlatformSound *sound)
{
    SDL_LockMutex(sound->lock);
    PlatformVoice voice = sound->mix.voices[0];
    SDL_UnlockMutex(sound->lock);
    return voice;
}

static void sounds_play_on_a_device_without_speakers(void **state)
{
    // Scenario: the dummy device plays a clip, music, a tone and samples; all is silenced; the clip
    // then has a new version; then the device goes away.
    // Expect: the clip is decoded, runs and ends; silence stops everything; the new version is
    // decoded; the loss is said and a later poll gets the device back.
    Room *room = *state;
    static uint8_t wav[WAV_HEAD + WAV_FRAMES * 2];
    SoundClip clip = clip_of(1, "rise.wav", wav, make_wav(wav));
    PlatformConfig config = small(false);
    config.no_sound = false;
    open_with(room, &config);
    PlatformSound *sound = room->platform->sound;
    assert_true(platform_info(room->platform)->has_sound);
    platform_set_sound_paused(room->platform, true);
    push_clip(room, SOUND_PLAY, &clip);
    push_clip(room, SOUND_MUSIC, &clip);
    SoundCmd *tone = sound_push(&room->sound, SOUND_TONE);
    tone->hz = 440;
    tone->seconds = 5;
    tone->volume = 0.5f;
    assert_non_null(sound_push_samples(&room->sound, 800));
    play_list(room);
    assert_int_equal(voice_zero(sound).frames, WAV_FRAMES);
    assert_non_null(sound->music);
    Mix_Music *music = sound->music;
    push_clip(room, SOUND_MUSIC, &clip);
    play_list(room);
    assert_ptr_equal(sound->music, music); // the same clip goes on
    assert_int_equal(sound->mix.ring_count, 800);
    platform_set_mute(room->platform, true);
    platform_set_sound_paused(room->platform, false);
    uint64_t cap = mono_ns() + CAP_S * NS_PER_S;
    while (voice_zero(sound).samples && mono_ns() < cap) {
        SDL_Delay(5);
    }
    assert_null(voice_zero(sound).samples);
    platform_silence(room->platform);
    assert_null(sound->music);
    assert_false(sound->mix.tone_sounds[0]);
    clip.version = 2;
    push_clip(room, SOUND_PLAY, &clip);
    play_list(room);
    SDL_Event event = {.type = SDL_AUDIODEVICEREMOVED};
    event.adevice.which = 2;
    assert_int_equal(SDL_PushEvent(&event), 1);
    push_clip(room, SOUND_MUSIC, &clip);
    play_list(room);
    assert_non_null(strstr(platform_poll(room->platform).note, "gone"));
    while (!platform_info(room->platform)->has_sound && mono_ns() < cap) {
        platform_poll(room->platform);
        SDL_Delay(1);
    }
    assert_true(platform_info(room->platform)->has_sound);
    assert_non_null(sound->music); // and the music goes on with it
}

static void music_outlives_the_bytes_it_came_from(void **state)
{
    // Scenario: music begins; the file's bytes are unmapped, as after a save of it; it plays on for
    // as long as a clip lasts, which is longer than one pass.
    // Expect: no crash, and the music still plays.
    Room *room = *state;
    static uint8_t wav[WAV_HEAD + WAV_FRAMES * 2];
    Arena bytes;
    size_t size_bytes = make_wav(wav);
    assert_true(arena_open(&bytes, 0, size_bytes, &room->fault));
    uint8_t *data = arena_push(&bytes, 1, 1, size_bytes);
    memcpy(data, wav, size_bytes);
    SoundClip clip = clip_of(1, "music.wav", data, size_bytes);
    SoundClip beside = clip_of(2, "rise.wav", wav, size_bytes);
    PlatformConfig config = small(false);
    config.no_sound = false;
    open_with(room, &config);
    PlatformSound *sound = room->platform->sound;
    push_clip(room, SOUND_MUSIC, &clip);
    play_list(room);
    arena_close(&bytes);
    uint64_t cap = mono_ns() + CAP_S * NS_PER_S;
    for (int pass = 0; pass < 2; pass++) {
        push_clip(room, SOUND_PLAY, &beside);
        play_list(room);
        while (voice_zero(sound).samples && mono_ns() < cap) {
            SDL_Delay(5);
        }
        assert_null(voice_zero(sound).samples);
    }
    assert_non_null(sound->music);
    assert_true(Mix_PlayingMusic());
    platform_silence(room->platform);
    assert_null(sound->wanted_memory.base);
}

static void a_broken_sound_is_said_once(void **state)
{
    // Scenario: rubbish, an empty file and a cut wav are played as sound and as music, twice.
    // Expect: silence, one line each that names the file; the good one still plays.
    Room *room = *state;
    static uint8_t wav[WAV_HEAD + WAV_FRAMES * 2];
    size_t size_bytes = make_wav(wav);
    SoundClip clips[] = {clip_of(1, "rubbish.wav", "this is no sound at all", 23),
                         clip_of(2, "empty.ogg", "", 0), clip_of(3, "cut.wav", wav, 30)};
    SoundClip good = clip_of(4, "good.wav", wav, size_bytes);
    PlatformConfig config = small(false);
    char notes[4096];
    config.no_sound = false;
    open_with(room, &config);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT_OF(clips); i++) {
            push_clip(room, SOUND_PLAY, &clips[i]);
        }
        push_clip(room, SOUND_MUSIC, &clips[0]);
        play_list(room);
    }
    collect_notes(room, notes, sizeof notes);
    for (size_t i = 0; i < COUNT_OF(clips); i++) {
        char expected[80];
        (void)text_format(expected, sizeof expected, "%s: silent", clips[i].name);
        char *once = strstr(notes, expected);
        assert_non_null(once);
        assert_null(strstr(once + 1, expected));
    }
    assert_non_null(strstr(notes, "rubbish.wav: no music"));
    push_clip(room, SOUND_PLAY, &good);
    play_list(room);
    assert_int_equal(room->platform->sound->clips[3].chunk != NULL, 1);
}

static PlatformMix *new_mix(Room *room)
{
    PlatformMix *mix = ARENA_NEW(&room->arena, PlatformMix, 1);
    mix->ring = ARENA_NEW(&room->arena, float, PLATFORM_RING_FRAMES * 2);
    return mix;
}

static void pitch_and_pan_are_heard(void **state)
{
    // Scenario: a clip that rises by 0.001 a frame, at pitch 2, to the left; then 40 at once.
    // Expect: it rises twice as fast and ends after half its frames; nothing on the right; the
    // oldest voice gives way, sums are clipped.
    Room *room = *state;
    PlatformMix *mix = new_mix(room);
    static float rise[200];
    float out[256] = {0};
    for (int i = 0; i < 200; i++) {
        rise[i] = 0.001f * (float)(i / 2);
    }
    SoundCmd how = {.volume = 0.5f, .pan = -1, .pitch = 2};
    platform_mix_voice(mix, rise, 100, &how, 1);
    platform_mix(mix, out, 128);
    float left = 0.5f * 1.41421356f;
    assert_true(fabsf(out[20] - 0.020f * left) < 1e-5f);
    assert_true(fabsf(out[98] - 0.098f * left) < 1e-5f);
    assert_true(fabsf(out[21]) < 1e-6f && out[102] == 0);
    assert_null(mix->voices[0].samples);
    static const float loud[4] = {1, 1, 1, 1};
    how.pan = 0;
    for (uint64_t i = 0; i < 40; i++) {
        platform_mix_voice(mix, loud, 2, &how, 10 + i);
    }
    uint64_t lowest = UINT64_MAX;
    for (int i = 0; i < PLATFORM_VOICES; i++) {
        lowest = mix->voices[i].started < lowest ? mix->voices[i].started : lowest;
    }
    assert_int_equal(lowest, 18);
    memset(out, 0, sizeof out);
    platform_mix(mix, out, 2);
    assert_true(out[0] <= 1 && out[0] > 0.99f);
}

static void own_samples_flow_through(void **state)
{
    // Scenario: a game pushes 800 frames a tick; too many; then none. Then paused and muted.
    // Expect: they come out in order, the oldest are dropped, then silence; paused nothing is used
    // up, muted all is silent but goes on.
    Room *room = *state;
    PlatformMix *mix = new_mix(room);
    static float samples[1600], out[9600];
    for (int i = 0; i < 800; i++) {
        samples[i * 2] = samples[i * 2 + 1] = (float)i / 1000;
    }
    platform_mix_samples(mix, samples, 800);
    platform_mix_samples(mix, samples, 800);
    platform_mix(mix, out, 512);
    assert_true(out[0] == 0 && out[2] == 0.001f && out[1022] == 0.511f);
    for (int i = 0; i < 20; i++) {
        platform_mix_samples(mix, samples, 800);
    }
    assert_int_equal(mix->ring_count, 4800);
    mix->paused = true;
    platform_mix(mix, out, 512);
    assert_int_equal(mix->ring_count, 4800);
    mix->paused = false;
    mix->mute = true;
    platform_mix(mix, out, 800);
    assert_true(out[500] == 0);
    assert_int_equal(mix->ring_count, 4000);
    mix->mute = false;
    for (int i = 0; i < 2; i++) {
        memset(out, 0, sizeof out);
        platform_mix(mix, out, 4800);
    }
    assert_true(out[0] == 0 && out[9598] == 0);
    assert_int_equal(mix->ring_count, 0);
    platform_mix_samples(mix, samples, 10); // a single small push still comes out
    bool heard = false;
    for (int i = 0; i < 8; i++) {
        memset(out, 0, sizeof out);
        platform_mix(mix, out, 512);
        heard = heard || out[18] == 0.009f;
    }
    assert_true(heard);
}

static void no_display_and_no_device_still_run(void **state)
{
    // Scenario: no display variable, a driver that does not exist, a sound driver that fails.
    // Expect: it opens on the dummy driver and says so; playing does nothing, and stays alive.
    Room *room = *state;
    PlatformConfig config = small(false);
    char notes[4096];
    config.no_sound = false;
    setenv("SDL_AUDIODRIVER", "no-such-driver", 1);
    setenv("SDL_VIDEODRIVER", "no-such-driver", 1);
    room->platform = platform_open(&room->arena, &config, &room->fault);
    assert_non_null(room->platform);
    collect_notes(room, notes, sizeof notes);
    const PlatformInfo *info = platform_info(room->platform);
    assert_string_equal(info->video, "dummy");
    assert_string_equal(info->renderer, "software");
    assert_false(info->has_display || info->has_sound || info->vsync);
    assert_non_null(strstr(notes, "no display"));
    assert_non_null(strstr(notes, "no sound device"));
    static const char rubbish[] = "rubbish";
    SoundClip clip = clip_of(1, "x.wav", rubbish, sizeof rubbish);
    push_clip(room, SOUND_PLAY, &clip);
    push_clip(room, SOUND_MUSIC, &clip);
    play_list(room);
    platform_silence(room->platform);
    room->platform->sound->try_ns = 0; // the next try is due
    uint64_t cap = mono_ns() + CAP_S * NS_PER_S;
    do {
        platform_poll(room->platform);
    } while ((room->platform->sound->opener || room->platform->sound->try_ns == 0)
             && mono_ns() < cap);
    assert_false(info->has_sound);
    assert_true(room->platform->sound->try_ns > mono_ns());
    draw_everything(room);
    platform_present(room->platform, &room->draw, NULL);
    platform_toggle_fullscreen(room->platform);
    platform_capture_mouse(room->platform, true);
    platform_rumble(room->platform, 7, 0.0f / 0.0f, 1, 1);
}

// An X server of our own on a free display, whose number it writes.
static pid_t start_server(char display[16])
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char number[16];
        (void)text_format(number, sizeof number, "%d", ends[1]);
        close(ends[0]);
        prctl(PR_SET_PDEATHSIG, SIGKILL); // a failed case leaves no server behind
        (void)!freopen("/dev/null", "w", stderr);
        // Resetting when the last client goes, it would turn the next one away for a moment.
        execlp("Xvfb", "Xvfb", "-displayfd", number, "-noreset", "-screen", "0", "640x480x24",
               (char *)NULL);
        _exit(127);
    }
    close(ends[1]);
    char number[8] = {0};
    size_t used = 0;
    while (used < sizeof number - 1 && read(ends[0], number + used, 1) == 1
           && number[used] != '\n') {
        used++;
    }
    number[used] = 0;
    close(ends[0]);
    (void)text_format(display, 16, ":%s", number);
    if (used == 0) { // its end of the pipe closed without a word: not installed
        waitpid(child, NULL, 0);
        return 0;
    }
    return child;
}

#ifdef SDL_VIDEO_DRIVER_X11
// What the server says, not what SDL believes. Answers come in the order of the requests, so there
// is nothing to wait for.
static SDL_Rect real_window(const Room *room)
{
    SDL_SysWMinfo info;
    SDL_VERSION(&info.version);
    assert_true(SDL_GetWindowWMInfo(room->platform->window.sdl, &info));
    Status (*get_geometry)(Display *, Drawable, Window *, int *, int *, unsigned *, unsigned *,
                           unsigned *, unsigned *);
    void *found = SDL_LoadFunction(SDL_LoadObject("libX11.so.6"), "XGetGeometry");
    assert_non_null(found);
    memcpy(&get_geometry, &found, sizeof found);
    Window root;
    int x, y;
    unsigned w, h, border, depth;
    assert_true(get_geometry(info.info.x11.display, info.info.x11.window, &root, &x, &y, &w, &h,
                             &border, &depth));
    return (SDL_Rect){x, y, (int)w, (int)h};
}

static void expect_window(Room *room, SDL_Rect box)
{
    for (int i = 0; i < 20; i++) { // at once, and still when everything has settled
        SDL_Rect real = real_window(room);
        const PlatformInfo *info = platform_info(room->platform);
        if (!SDL_RectEquals(&real, &box)) {
            fail_msg("%d x %d at %d %d", real.w, real.h, real.x, real.y);
        }
        assert_true(info->window_w == box.w && info->window_h == box.h);
        if (i % 19 == 0) {
            SDL_Surface *surface = shot(room, NULL);
            assert_true(surface->w == box.w && surface->h == box.h);
            expect_everything(surface);
            SDL_FreeSurface(surface);
        }
        platform_present(room->platform, &room->draw, NULL);
        platform_poll(room->platform);
    }
}

static void expect_kept(const char *path, SDL_Rect box, bool fullscreen)
{
    Arena scratch;
    FileBytes bytes;
    PlatformPlace kept;
    assert_true(arena_open(&scratch, 0, 64u << 10, NULL));
    assert_true(file_read(&scratch, path, 4096, &bytes, NULL));
    assert_true(platform_place_parse(&kept, (const char *)bytes.data));
    assert_true(kept.x == box.x && kept.y == box.y && kept.w == box.w && kept.h == box.h);
    assert_true(kept.fullscreen == fullscreen && !kept.maximized);
    arena_close(&scratch);
}

// Moved, fullscreen and back; then closed fullscreen, opened again and back.
static void toggle_and_keep(Room *room, const PlatformConfig *config)
{
    const SDL_Rect screen = {0, 0, 640, 480}, windowed = {50, 30, 330, 200};
    const char *path = config->memory_path;
    open_with(room, config);
    SDL_SetWindowPosition(room->platform->window.sdl, windowed.x, windowed.y);
    resize(room, windowed.w, windowed.h);
    platform_toggle_fullscreen(room->platform);
    expect_window(room, screen);
    platform_toggle_fullscreen(room->platform);
    expect_window(room, windowed);
    close_platform(room);
    expect_kept(path, windowed, false);
    open_with(room, config);
    expect_window(room, windowed);
    platform_toggle_fullscreen(room->platform);
    close_platform(room);
    expect_kept(path, windowed, true);
    open_with(room, config);
    expect_window(room, screen);
    platform_toggle_fullscreen(room->platform);
    expect_window(room, windowed);
    close_platform(room);
    expect_kept(path, windowed, false);
}

static void fullscreen_works_without_a_window_manager(void **state)
{
    // Scenario: an X server with nobody to carry out a wish for fullscreen. The window is moved,
    // goes fullscreen and back; then it is closed fullscreen, opened again and goes back. Once in
    // software, once with whatever else SDL finds.
    // Expect: the window really has the size of the screen, then its old place; screenshots are of
    // that size and whole; what is kept is the place of the window, and whether it was fullscreen.
    Room *room = *state;
    char display[16], path[FILE_PATH_MAX];
    pid_t server = start_server(display);
    if (server == 0) {
        skip(); // no Xvfb on this machine
    }
    setenv("SDL_VIDEODRIVER", "x11", 1);
    setenv("DISPLAY", display, 1);
    assert_true(file_join(path, room->folder, "place"));
    PlatformConfig config = small(false);
    config.memory_path = path;
    draw_everything(room);
    config.software = true;
    toggle_and_keep(room, &config);
    // Mesa's threads are not built for TSan, and it leaks a little, which LSan counts as ours.
#if !defined(__SANITIZE_THREAD__) && !defined(__SANITIZE_ADDRESS__)
    config.software = false;
    toggle_and_keep(room, &config);
#endif
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
}
#endif

static void a_lost_display_ends_in_order(void **state)
{
    // Scenario: a real window on an X server that is killed while frames are shown.
    // Expect: no exit(1) by Xlib: the next poll says quit and why, drawing and closing are safe.
    Room *room = *state;
    char display[16];
#ifdef __SANITIZE_THREAD__
    skip(); // libX11 1.8 unlocks its display twice after the loss, which TSan reports as ours
#endif
    pid_t server = start_server(display);
    if (server == 0) {
        skip(); // no Xvfb on this machine
    }
    setenv("SDL_VIDEODRIVER", "x11", 1);
    setenv("DISPLAY", display, 1);
    PlatformConfig config = small(false);
    config.software = true;
    open_with(room, &config);
    assert_true(platform_info(room->platform)->has_display);
    draw_everything(room);
    platform_present(room->platform, &room->draw, NULL);
    SDL_Surface *surface = shot(room, NULL);
    expect_everything(surface);
    SDL_FreeSurface(surface);
    assert_int_equal(kill(server, SIGKILL), 0);
    assert_int_equal(waitpid(server, NULL, 0), server);
    uint64_t cap = mono_ns() + CAP_S * NS_PER_S;
    PlatformEvents events;
    do {
        platform_present(room->platform, &room->draw, NULL);
        events = platform_poll(room->platform);
    } while (!events.quit && mono_ns() < cap);
    assert_true(events.quit);
    assert_non_null(strstr(events.note, "display"));
    platform_present(room->platform, &room->draw, NULL);
    assert_false(platform_screenshot(room->platform, &room->draw, NULL, "/tmp/x", &room->fault));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(both_twins_draw_the_same_picture),
        CASE(panels_are_drawn_in_window_pixels),
        CASE(many_sprites_are_one_call),
        CASE(a_new_version_is_uploaded_again),
        CASE(wild_numbers_are_survived),
        CASE(a_window_without_pixels_is_safe),
        CASE(a_canvas_beyond_the_device_is_still_drawn),
        CASE(screenshots_are_whole_or_absent),
        CASE(a_tap_within_one_tick_counts),
        CASE(the_mouse_is_in_canvas_units),
        CASE(long_text_goes_on_in_the_next_tick),
        CASE(losing_the_focus_releases_everything),
        CASE(pulled_pads_keep_their_slots),
        CASE(the_fifth_pad_is_ignored_and_said_once),
        CASE(twins_of_one_make_are_told_apart),
        CASE(sticks_rest_and_reach_the_edge),
        CASE(the_windows_place_is_kept),
        CASE(places_are_clamped_to_what_is_there),
        CASE(the_null_clock_is_turned_by_hand),
        CASE(waiting_ends_at_the_deadline_or_when_woken),
        CASE(sounds_play_on_a_device_without_speakers),
        CASE(music_outlives_the_bytes_it_came_from),
        CASE(a_broken_sound_is_said_once),
        CASE(pitch_and_pan_are_heard),
        CASE(own_samples_flow_through),
        CASE(no_display_and_no_device_still_run),
#ifdef SDL_VIDEO_DRIVER_X11
        CASE(fullscreen_works_without_a_window_manager),
#endif
        CASE(a_lost_display_ends_in_order), // the last: SDL cannot be left cleanly after it
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
