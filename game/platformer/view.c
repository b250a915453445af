// What you look at the level through: the camera, the sky behind, and the numbers in front.
#include "platformer.h"

#include <math.h>
#include <stdio.h>

HL_TWEAK(LOOK_AHEAD, 34, 0, 100);   // pixels that the camera looks ahead of him
HL_TWEAK(CAMERA_EASE, 6, 0.5f, 30); // how fast it follows, per second
HL_TWEAK(CALM_ABOVE, 44, 0, 90);    // pixels he may rise before it follows upwards

// ---- the camera

static float eased(float from, float to, float per_second, float dt)
{
    return from + (to - from) * fminf(per_second * dt, 1);
}

// So that the picture of `view` pixels shows nothing outside of `size`; the far end wins.
static float kept_inside(float middle, float view, float size)
{
    return fminf(fmaxf(middle, view / 2), fmaxf(size - view / 2, view / 2));
}

static hl_vec2 camera_limits(const Game *g, hl_vec2 cam)
{
    float w = (float)(g->level.w * TILE), h = (float)(g->level.h * TILE);
    // A level that is lower than the picture lies at its bottom.
    return (hl_vec2){kept_inside(cam.x, W, w), h < H ? h - H / 2.0f : kept_inside(cam.y, H, h)};
}

void camera_follow(Game *g, float dt)
{
    const Body *b = &g->hero.body;
    float x = b->pos.x + b->w / 2, y = b->pos.y - 8;
    bool far_off = y < g->cam.y - CALM_ABOVE || y > g->cam.y + 24;

    g->cam_before = g->cam;
    g->shake = fmaxf(g->shake - 14 * dt, 0);
    if (b->vel.x != 0) {
        g->look = eased(g->look, (float)g->hero.facing * LOOK_AHEAD, 2, dt);
    }
    g->cam.x = eased(g->cam.x, x + g->look, CAMERA_EASE, dt);
    if (b->on_ground || far_off) { // a hop on the spot does not rock the picture
        g->cam.y = eased(g->cam.y, y, CAMERA_EASE, dt);
    }
    g->cam = camera_limits(g, g->cam);
}

void camera_jump(Game *g)
{
    const Body *b = &g->hero.body;
    g->look = 0;
    g->cam = camera_limits(g, (hl_vec2){b->pos.x + b->w / 2, b->pos.y - 8});
    g->cam_before = g->cam;
}

// Whole pixels: the tiles would shimmer in between.
hl_vec2 camera_now(const Game *g, float alpha)
{
    float x = g->cam_before.x + (g->cam.x - g->cam_before.x) * alpha;
    float y = g->cam_before.y + (g->cam.y - g->cam_before.y) * alpha;
    x += hl_sin(g->scene_s * 71) * g->shake;
    y += hl_sin(g->scene_s * 97) * g->shake;
    return (hl_vec2){floorf(x + 0.5f), floorf(y + 0.5f)};
}

// ---- the sky

typedef struct SkyLook {
    hl_color top, bottom, sun, far_hills, near_hills, trees, clouds;
} SkyLook;

static const SkyLook SKY_LOOKS[SKIES] = {
    [DAY] = {0x58a8f0ff, 0xc8ecf8ff, 0xfff4b0ff, 0x9cc8e8ff, 0x78b8a8ff, 0x4e9a78ff, 0xffffffff},
    [DUSK] = {0x4a3a78ff, 0xf8a868ff, 0xffe090ff, 0xa06890ff, 0x7a4a78ff, 0x54345cff, 0xf8c0a8ff},
    [NIGHT] = {0x0c1030ff, 0x304878ff, 0xf0f4ffff, 0x283868ff, 0x202c54ff, 0x182040ff, 0x405088ff},
};

static hl_color mixed(hl_color a, hl_color b, int part, int of)
{
    hl_color out = 0;
    for (int shift = 0; shift < 32; shift += 8) {
        int from = (int)(a >> shift & 255u), to = (int)(b >> shift & 255u);
        out |= (hl_color)(from + (to - from) * part / of) << shift;
    }
    return out;
}

static void draw_stars(hl_canvas *c, float drift, float time)
{
    for (int i = 0; i < 60; i++) {
        float x = (float)(i * 97 % (W + 40)) - drift, y = (float)(i * 61 % 110);
        float twinkle = 0.5f + 0.5f * hl_sin(time * 2 + (float)i);
        x -= floorf(x / W) * W;
        hl_pixel(c, floorf(x), y, hl_fade(HL_WHITE, 0.25f + 0.6f * twinkle));
    }
}

// One picture side by side across the screen; it moves `speed` times as fast as the level.
static void draw_band(hl_canvas *c, const char *sprite, float width, float y, float shift,
                      hl_color tint)
{
    float x = floorf(-(shift - floorf(shift / width) * width));
    for (; x < W; x += width) {
        hl_sprite_ex(c, sprite, x, y, (hl_spr){.tint = tint});
    }
}

static void draw_clouds(hl_canvas *c, float shift, hl_color tint)
{
    static const float PLACES[][2] = {{20, 30}, {110, 52}, {190, 22}, {270, 44}, {340, 34}};
    const float way = W + 80;

    for (int i = 0; i < 5; i++) {
        float x = PLACES[i][0] - shift * (0.7f + 0.15f * (float)(i % 3));
        x -= floorf(x / way) * way;
        hl_sprite_ex(c, "cloud.png", floorf(x) - 60, PLACES[i][1],
                     (hl_spr){.fw = 48, .fh = 20, .frame = i & 1, .tint = hl_fade(tint, 0.85f)});
    }
}

void sky_draw(const Game *g, hl_canvas *c, hl_vec2 cam)
{
    const SkyLook *look = &SKY_LOOKS[g->level.sky];
    const int bands = 18;
    float rise =
        (cam.y - (float)(g->level.h * TILE) + H / 2.0f) * -0.12f; // hills sink as you climb

    hl_clear(c, look->bottom);
    for (int i = 0; i < bands; i++) {
        hl_rect(c, 0, (float)(i * 8), W, 8, mixed(look->top, look->bottom, i, bands - 1));
    }
    if (g->level.sky == NIGHT) {
        draw_stars(c, cam.x * 0.02f, g->level_s);
    }
    hl_circle(c, 256, 40, 22, hl_fade(look->sun, 0.25f));
    hl_circle(c, 256, 40, 16, look->sun);
    draw_clouds(c, cam.x * 0.1f + g->level_s * 4, look->clouds);
    rise = floorf(rise);
    draw_band(c, "mountains.png", 160, H - 104 + rise * 0.5f, cam.x * 0.12f, look->far_hills);
    draw_band(c, "hills.png", 160, H - 76 + rise, cam.x * 0.25f, look->near_hills);
    draw_band(c, "trees.png", 160, H - 60 + floorf(rise * 1.4f), cam.x * 0.45f, look->trees);
}

// ---- the numbers in front, and the words of each scene

static void shadowed(hl_canvas *c, float x, float y, float size, hl_color color, const char *text)
{
    float off = size / 8;
    hl_text(c, x + off, y + off, size, 0x20182cc0, "%s", text);
    hl_text(c, x, y, size, color, "%s", text);
}

static void centred(hl_canvas *c, float y, float size, hl_color color, const char *text)
{
    shadowed(c, floorf((W - hl_text_width(c, size, text)) / 2), y, size, color, text);
}

static void draw_numbers(const Game *g, hl_canvas *c)
{
    char line[32];
    float best_s = g->records.best_s[g->level_number];

    for (int i = 0; i < g->lives; i++) {
        hl_sprite(c, "heart.png", (float)(6 + i * 10), 6);
    }
    hl_sprite_ex(c, "coin.png", 4, 15, (hl_spr){.fw = TILE, .fh = TILE});
    snprintf(line, sizeof line, "%d", g->coins);
    shadowed(c, 20, 19, 8, HL_YELLOW, line);
    snprintf(line, sizeof line, "%.1f", (double)g->level_s);
    shadowed(c, W - 6 - hl_text_width(c, 8, line), 6, 8, HL_WHITE, line);
    if (best_s > 0) {
        snprintf(line, sizeof line, "best %.1f", (double)best_s);
        shadowed(c, W - 6 - hl_text_width(c, 8, line), 17, 8, 0xffffffb0, line);
    }
}

static void draw_title(const Game *g, hl_canvas *c)
{
    float bob = floorf(hl_sin(g->scene_s * 2) * 3);
    centred(c, 26 + bob, 40, 0xffb040ff, "FOX HOP");
    hero_draw_title(g, c, W / 2.0f, H - 32);
    if (g->scene_s - floorf(g->scene_s) < 0.7f) {
        centred(c, 82, 8, HL_WHITE, "press Space to start");
    }
    centred(c, H - 22, 8, HL_WHITE, "arrows run, Space jumps");
    centred(c, H - 11, 8, 0xffffffb0, "Tab shows the boxes");
}

static void draw_level_name(const Game *g, hl_canvas *c)
{
    char line[48];
    float leaving = fmaxf(g->scene_s - 1.6f, 0);
    if (leaving < 0.6f) {
        snprintf(line, sizeof line, "%d. %s", g->level_number + 1, g->level.name);
        centred(c, 50 - leaving * leaving * 300, 16, HL_WHITE, line);
    }
}

static void draw_level_done(const Game *g, hl_canvas *c)
{
    char line[48];
    snprintf(line, sizeof line, "%.1f seconds%s", (double)g->level_s,
             g->new_best ? " - a new best!" : "");
    centred(c, 44, 24, HL_YELLOW, "WELL HOPPED");
    centred(c, 76, 8, HL_WHITE, line);
}

static void draw_end(const Game *g, hl_canvas *c)
{
    char line[48];
    snprintf(line, sizeof line, "%d coins in %.1f seconds", g->coins, (double)g->total_s);
    centred(c, 44, 16, HL_YELLOW, "THE FOX IS HOME");
    centred(c, 72, 8, HL_WHITE, line);
    centred(c, 88, 8, 0xffffffb0, "press Space");
}

void hud_draw(const Game *g, hl_canvas *c)
{
    if (g->scene != TITLE) {
        draw_numbers(g, c);
    }
    switch (g->scene) {
    case TITLE:
        draw_title(g, c);
        break;
    case PLAYING:
        draw_level_name(g, c);
        break;
    case DYING:
        break;
    case LEVEL_DONE:
        draw_level_done(g, c);
        break;
    case GAME_OVER:
        centred(c, 52, 24, 0xff8080ff, "OUT OF LIVES");
        centred(c, 84, 8, HL_WHITE, "press Space to try again");
        break;
    case THE_END:
        draw_end(g, c);
        break;
    }
}
