// Fox Hop, the order of things: title, playing, dying, next level, the end. platformer.h says what
// is where.
#include "platformer.h"

#include <math.h>

static const float DYING_FOR = 1.1f; // s
static const float DONE_FOR = 2.6f;  // s that "well hopped" stays
static const float MUSIC_VOLUME = 0.35f;

static void enter(Game *g, hl_tick *t, Scene scene)
{
    g->scene = scene;
    g->scene_s = 0;
    hl_music(t, scene == GAME_OVER ? NULL : "music.wav",
             scene == PLAYING ? MUSIC_VOLUME : MUSIC_VOLUME / 2);
}

// At the last checkpoint, with everybody else back at home.
static void appear(Game *g, hl_tick *t)
{
    hero_appear(g, g->spawn);
    mobs_go_home(g);
    camera_jump(g);
    enter(g, t, PLAYING);
}

static void start_level(Game *g, hl_tick *t, int number)
{
    g->level_number = number;
    g->level_s = 0;
    g->sprung_for = 0;
    level_load(g, t);
    g->spawn = g->level.start;
    appear(g, t);
}

static void show_title(Game *g, hl_tick *t)
{
    start_level(g, t, 0);
    enter(g, t, TITLE);
}

static void start_game(Game *g, hl_tick *t)
{
    g->lives = FIRST_LIVES;
    g->coins = 0;
    g->total_s = 0;
    start_level(g, t, 0);
}

// ---- what the hero reports

void hero_hurt(Game *g, hl_tick *t)
{
    if (g->scene != PLAYING) {
        return;
    }
    g->lives--;
    g->shake = 5;
    g->hero.body.vel = (hl_vec2){0, -260};
    hl_play_ex(t, "hurt.wav", (hl_sound){.volume = 0.7f});
    hl_rumble(t, 0, 0.8f, 0.4f, 0.25f);
    enter(g, t, DYING);
}

void coin_taken(Game *g, hl_tick *t)
{
    g->coins++;
    if (g->coins % COINS_FOR_A_LIFE == 0) {
        g->lives++;
        hl_play_ex(t, "checkpoint.wav", (hl_sound){.volume = 0.6f, .pitch = 1.4f});
    }
}

void goal_reached(Game *g, hl_tick *t)
{
    float *best_s = &g->records.best_s[g->level_number];

    g->total_s += g->level_s;
    g->new_best = *best_s <= 0 || g->level_s < *best_s;
    if (g->new_best) {
        *best_s = g->level_s;
        HL_SAVE(t, "best", Records, &g->records);
    }
    hl_log(t, "%s done in %.2f s", g->level.name, (double)g->level_s);
    hl_play_ex(t, "goal.wav", (hl_sound){.volume = 0.7f});
    enter(g, t, LEVEL_DONE);
}

// ---- one function for each scene

static bool go_pressed(const hl_tick *t)
{
    return hl_btnp(t, 0, HL_PAD_A) || hl_btnp(t, 0, HL_PAD_START);
}

static void update_title(Game *g, hl_tick *t)
{
    float end = (float)(g->level.w * TILE) - W;
    g->cam_before = g->cam; // a walk through the level and back
    g->cam.x = W / 2.0f + fmaxf(end, 0) * (0.5f - 0.5f * hl_cos(g->scene_s * 0.12f));
    g->level_s += t->dt; // makes the coins turn
    if (g->scene_s > 0.3f && go_pressed(t)) {
        start_game(g, t);
    }
}

static void update_playing(Game *g, hl_tick *t)
{
    g->level_s += t->dt;
    hero_update(g, t);
    mobs_update(g, t);
    camera_follow(g, t->dt);
}

static void update_dying(Game *g, hl_tick *t)
{
    hero_fly_off(&g->hero, t->dt);
    g->cam_before = g->cam;
    g->shake = fmaxf(g->shake - 14 * t->dt, 0);
    if (g->scene_s < DYING_FOR) {
        return;
    }
    if (g->lives > 0) {
        appear(g, t);
    } else {
        enter(g, t, GAME_OVER);
    }
}

static void cheer(Game *g, hl_tick *t)
{
    Body *b = &g->hero.body;

    b->before = b->pos;
    b->vel.x = 0;
    if (b->on_ground && t->tick % 24 == 0) {
        b->vel.y = -140;
    }
    body_fall(b, t->dt, 1);
    body_move(&g->level, b, t->dt);
    if (t->tick % 16 == 0) {
        hl_color color = (t->tick & 16) ? HL_YELLOW : 0xff80c0ff;
        float x = g->cam.x + hl_rand_float(&g->effects_rng, -130, 130);
        sparks_burst(g, (hl_vec2){x, g->cam.y + hl_rand_float(&g->effects_rng, -70, 10)}, 14, 80,
                     color);
    }
    camera_follow(g, t->dt);
}

static void update_level_done(Game *g, hl_tick *t)
{
    cheer(g, t);
    if (g->scene_s < DONE_FOR) {
        return;
    }
    if (g->level_number + 1 < LEVELS) {
        start_level(g, t, g->level_number + 1);
    } else {
        enter(g, t, THE_END);
    }
}

static void update_the_end(Game *g, hl_tick *t)
{
    cheer(g, t);
    if (g->scene_s > 1 && go_pressed(t)) {
        show_title(g, t);
    }
}

static void update_game_over(Game *g, hl_tick *t)
{
    g->cam_before = g->cam;
    if (g->scene_s > 0.5f && go_pressed(t)) {
        start_game(g, t);
    }
}

static void update_scene(Game *g, hl_tick *t)
{
    switch (g->scene) {
    case TITLE:
        update_title(g, t);
        break;
    case PLAYING:
        update_playing(g, t);
        break;
    case DYING:
        update_dying(g, t);
        break;
    case LEVEL_DONE:
        update_level_done(g, t);
        break;
    case GAME_OVER:
        update_game_over(g, t);
        break;
    case THE_END:
        update_the_end(g, t);
        break;
    }
}

// Somebody saved the level's text: the new one takes over under the fox's feet.
static void reload_level(Game *g, hl_tick *t)
{
    hl_vec2 old_start = g->level.start;
    level_load(g, t);
    if (g->spawn.x == old_start.x && g->spawn.y == old_start.y) {
        g->spawn = g->level.start;
    }
    body_unstick(&g->level, &g->hero.body);
}

static void init(Game *g, hl_tick *t)
{
    hl_seed(&g->effects_rng, t->seed, 2);
    HL_LOAD(t, "best", Records, &g->records);
    show_title(g, t);
}

static void update(Game *g, hl_tick *t)
{
    if (hl_file_changed(t, level_file(g))) {
        reload_level(g, t);
    }
    if (hl_pressed(t, HL_KEY_TAB)) {
        g->show_boxes = !g->show_boxes;
    }
    g->scene_s += t->dt;
    g->sprung_for -= t->dt;
    update_scene(g, t);
    sparks_update(g, t->dt);

    if (g->show_boxes) {
        const Body *b = &g->hero.body;
        hl_trail(t, "hero", b->pos.x + b->w / 2, b->pos.y + b->h);
        HL_WATCH(t, b->vel);
        HL_WATCH(t, b->on_ground);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_vec2 cam = camera_now(g, hl_alpha(c));

    sky_draw(g, c, cam);
    hl_camera(c, (hl_cam){.x = cam.x, .y = cam.y});
    level_draw(g, c, cam);
    mobs_draw(g, c);
    if (g->scene != TITLE) {
        hero_draw(g, c);
    }
    sparks_draw(g, c);
    hl_camera_off(c);
    hud_draw(g, c);
}

HL_GAME(Game, init, update, draw, .title = "Fox Hop", .width = W, .height = H);
