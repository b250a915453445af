// The fox. Change a number here and save while you play: the next jump is the new one.
#include "platformer.h"

#include <math.h>

HL_TWEAK(JUMP_SPEED, 315, 50, 600);    // pixels/s upward at the start of a jump
HL_TWEAK(RUN_SPEED, 112, 20, 300);     // pixels/s
HL_TWEAK(RUN_ACCEL, 780, 100, 3000);   // pixels/s^2
HL_TWEAK(AIR_ACCEL, 560, 50, 3000);    // pixels/s^2 while he is in the air
HL_TWEAK(SHORT_HOP, 2.4f, 1, 6);       // gravity while rising with the button let go
HL_TWEAK(COYOTE_TIME, 0.08f, 0, 0.3f); // s after a ledge in which he may still jump
HL_TWEAK(JUMP_BUFFER, 0.11f, 0, 0.3f); // s before landing in which a press counts
HL_TWEAK(STOMP_BOUNCE, 190, 0, 600);   // pixels/s off an enemy; held: a whole jump
HL_TWEAK(SPRING_SPEED, 450, 100, 800); // pixels/s off a spring
HL_TWEAK(STRETCH_BACK, 9, 1, 30);      // how fast he is himself again after a squash

static const float COMBO_FOR = 1.2f; // s

// The cells of hero.png.
enum { STAND, BLINK, RUN, RUN_FRAMES = 4, JUMP = RUN + RUN_FRAMES, FALL, OUCH, CHEER };

// Space, Z and the pad's A (hl_btn knows those), and Up for those who expect it.
static bool jump_pressed(const hl_tick *t)
{
    return hl_btnp(t, 0, HL_PAD_A) || hl_pressed(t, HL_KEY_UP) || hl_pressed(t, HL_KEY_W);
}

static bool jump_held(const hl_tick *t)
{
    return hl_btn(t, 0, HL_PAD_A) || hl_down(t, HL_KEY_UP) || hl_down(t, HL_KEY_W);
}

static hl_vec2 feet_of(const Hero *hero)
{
    const Body *b = &hero->body;
    return (hl_vec2){b->pos.x + b->w / 2, b->pos.y + b->h};
}

static float toward(float from, float to, float step)
{
    return from < to ? fminf(from + step, to) : fmaxf(from - step, to);
}

void hero_appear(Game *g, hl_vec2 tile)
{
    g->hero = (Hero){.facing = 1, .stretch = 1.4f};
    g->hero.body = (Body){.w = 10, .h = 14, .pos = {tile.x + 3, tile.y + 2}};
    body_unstick(&g->level, &g->hero.body);
}

float hero_pitch(Hero *hero)
{
    hero->combo = hero->combo_for > 0 && hero->combo < 12 ? hero->combo + 1 : 0;
    hero->combo_for = COMBO_FOR;
    return 1 + 0.06f * (float)hero->combo;
}

// ---- update, in the order in which it happens

static void run(Game *g, const hl_tick *t)
{
    Hero *hero = &g->hero;
    Body *b = &hero->body;
    float want = hl_move(t, 0).x;
    float accel = b->on_ground ? RUN_ACCEL : AIR_ACCEL;

    if (b->on_ground && want * b->vel.x < 0) {
        sparks_dust(g, feet_of(hero), 1); // skids while he turns round
        accel *= 1.6f;
    }
    b->vel.x = toward(b->vel.x, want * RUN_SPEED, accel * t->dt);
    if (want != 0) {
        hero->facing = want < 0 ? -1 : 1;
    }
    hero->stride = b->on_ground && b->vel.x != 0 ? hero->stride + fabsf(b->vel.x) * t->dt : 0;
}

static void jump(Game *g, hl_tick *t)
{
    Hero *hero = &g->hero;
    Body *b = &hero->body;

    hero->coyote = b->on_ground ? COYOTE_TIME : hero->coyote - t->dt;
    hero->buffer = jump_pressed(t) ? JUMP_BUFFER : hero->buffer - t->dt;
    if (hero->buffer > 0 && hero->coyote > 0) {
        b->vel.y = -JUMP_SPEED;
        hero->buffer = hero->coyote = 0;
        hero->stretch = 1.35f;
        hero->sprung = false;
        sparks_dust(g, feet_of(hero), 5);
        hl_play_ex(t, "jump.wav", (hl_sound){.volume = 0.5f});
    }
}

static void fall(Game *g, const hl_tick *t)
{
    Hero *hero = &g->hero;
    Body *b = &hero->body;
    bool was_on_ground = b->on_ground, cut_short = b->vel.y < 0 && !hero->sprung && !jump_held(t);
    float speed = b->vel.y;

    body_fall(b, t->dt, cut_short ? SHORT_HOP : 1);
    b->drops = hl_move(t, 0).y > 0.5f;
    body_move(&g->level, b, t->dt);
    if (b->on_ground && !was_on_ground && speed > 120) {
        hero->stretch = 1 - 0.35f * fminf(speed / 340, 1);
        sparks_dust(g, feet_of(hero), 4);
    }
}

void hero_bounce(Game *g, hl_tick *t)
{
    Hero *hero = &g->hero;
    hero->body.vel.y = jump_held(t) ? -JUMP_SPEED : -STOMP_BOUNCE;
    hero->stretch = 1.25f;
    hero->sprung = true;
}

static void take_coin(Game *g, hl_tick *t, int x, int y)
{
    hl_vec2 middle = {((float)x + 0.5f) * TILE, ((float)y + 0.5f) * TILE};

    g->level.tile[y][x] = AIR;
    sparks_burst(g, middle, 8, 60, HL_YELLOW);
    hl_play_ex(t, "coin.wav", (hl_sound){.volume = 0.5f, .pitch = hero_pitch(&g->hero)});
    coin_taken(g, t);
}

static void take_spring(Game *g, hl_tick *t, int x, int y)
{
    g->hero.body.vel.y = -SPRING_SPEED;
    g->hero.sprung = true;
    g->hero.stretch = 1.6f;
    g->sprung_tile = (hl_vec2){(float)x, (float)y};
    g->sprung_for = 0.3f;
    hl_play_ex(t, "jump.wav", (hl_sound){.volume = 0.7f, .pitch = 0.7f});
}

static void take_checkpoint(Game *g, hl_tick *t, int x, int y)
{
    hl_vec2 tile = {(float)(x * TILE), (float)(y * TILE)};
    if (g->spawn.x != tile.x || g->spawn.y != tile.y) {
        g->spawn = tile;
        sparks_burst(g, (hl_vec2){tile.x + 8, tile.y - 8}, 16, 70, 0x7fe0ffff);
        hl_play_ex(t, "checkpoint.wav", (hl_sound){.volume = 0.6f});
    }
}

// What the tile at x, y does to a fox that touches it.
static void touch_tile(Game *g, hl_tick *t, int x, int y)
{
    const Body *b = &g->hero.body;
    float feet_in_tile = b->pos.y + b->h - (float)(y * TILE); // pixels below its top
    float middle_in_tile = b->pos.x + b->w / 2 - (float)(x * TILE);

    switch (tile_at(&g->level, x, y)) {
    case COIN:
        take_coin(g, t, x, y);
        break;
    case SPRING:
        if (b->vel.y >= 0 && feet_in_tile > 6) {
            take_spring(g, t, x, y);
        }
        break;
    case SPIKES: // only the lower half is sharp, and their sides are forgiving
        if (feet_in_tile > 9 && middle_in_tile > -2 && middle_in_tile < TILE + 2) {
            hero_hurt(g, t);
        }
        break;
    case CHECKPOINT:
        take_checkpoint(g, t, x, y);
        break;
    case GOAL:
        goal_reached(g, t);
        break;
    case AIR:
    case GROUND:
    case PLANK:
        break;
    }
}

static void touch_tiles(Game *g, hl_tick *t)
{
    const Body b = g->hero.body; // a copy: a spring changes the real one half way
    int left = (int)floorf(b.pos.x / TILE), right = (int)floorf((b.pos.x + b.w - 0.01f) / TILE);
    int top = (int)floorf(b.pos.y / TILE), bottom = (int)floorf((b.pos.y + b.h - 0.01f) / TILE);

    for (int y = top; y <= bottom; y++) {
        for (int x = left; x <= right && g->scene == PLAYING; x++) {
            touch_tile(g, t, x, y);
        }
    }
}

void hero_update(Game *g, hl_tick *t)
{
    Hero *hero = &g->hero;

    hero->body.before = hero->body.pos;
    hero->combo_for -= t->dt;
    run(g, t);
    jump(g, t);
    fall(g, t);
    touch_tiles(g, t);
    hero->stretch += (1 - hero->stretch) * fminf(STRETCH_BACK * t->dt, 1);
    if (g->scene == PLAYING && hero->body.pos.y > (float)(g->level.h * TILE + TILE)) {
        hero_hurt(g, t);
    }
}

void hero_fly_off(Hero *hero, float dt)
{
    Body *b = &hero->body;
    b->before = b->pos;
    body_fall(b, dt, 1);
    b->pos.y += b->vel.y * dt; // through everything
}

// ---- drawing

static int hero_frame(const Game *g)
{
    const Hero *hero = &g->hero;
    const Body *b = &hero->body;

    if (g->scene == DYING || g->scene == GAME_OVER) {
        return OUCH;
    }
    if (g->scene == LEVEL_DONE || g->scene == THE_END) {
        return b->on_ground ? CHEER : JUMP;
    }
    if (!b->on_ground) {
        return b->vel.y < 0 ? JUMP : FALL;
    }
    if (fabsf(b->vel.x) > 8) {
        return RUN + (int)(hero->stride / 9) % RUN_FRAMES;
    }
    float s = g->scene_s - 3 * floorf(g->scene_s / 3);
    return s > 2.85f ? BLINK : STAND;
}

void hero_draw(const Game *g, hl_canvas *c)
{
    const Hero *hero = &g->hero;
    hl_vec2 at = body_between(&hero->body, hl_alpha(c));

    hl_sprite_ex(c, "hero.png", at.x + hero->body.w / 2, at.y + hero->body.h,
                 (hl_spr){.fw = 16,
                          .fh = 16,
                          .ox = 8,
                          .oy = 16,
                          .frame = hero_frame(g),
                          .sx = 2 - fminf(hero->stretch, 1.6f),
                          .sy = hero->stretch,
                          .flip_x = hero->facing < 0});
    if (g->show_boxes) {
        hl_rect_line(c, at.x, at.y, hero->body.w, hero->body.h, 1, HL_GREEN);
    }
}

void hero_draw_title(const Game *g, hl_canvas *c, float x, float y)
{
    hl_sprite_ex(c, "hero.png", x, y,
                 (hl_spr){.fw = 16,
                          .fh = 16,
                          .ox = 8,
                          .oy = 16,
                          .frame = RUN + (int)(g->scene_s * 10) % RUN_FRAMES,
                          .sx = 3,
                          .sy = 3,
                          .flip_x = g->cam.x < g->cam_before.x});
}
