// The ones that are in the way. Each kind has an update of its own; which one is a field, not a
// function pointer, so that an edit takes effect on those that are alive already.
#include "platformer.h"

#include <math.h>

HL_TWEAK(SLIME_SPEED, 28, 0, 120);    // pixels/s
HL_TWEAK(FROG_WAIT, 0.9f, 0.1f, 3);   // s between two hops
HL_TWEAK(FROG_HOP_UP, 235, 50, 500);  // pixels/s
HL_TWEAK(FROG_HOP_ALONG, 62, 0, 200); // pixels/s
HL_TWEAK(BAT_RANGE, 44, 0, 150);      // pixels to each side
HL_TWEAK(BAT_BEAT, 1.7f, 0, 6);       // radians/s along its way

static const float FLAT_FOR = 0.5f;     // s that a stomped one lies there
static const float AWAKE_WITHIN = W;    // pixels from the camera; the others wait
static const float STOMP_TOLERANCE = 7; // pixels: how deep the fox may already be in it

void mob_add(Game *g, MobKind kind, hl_vec2 tile)
{
    if (g->mob_count == MOBS_MAX) {
        return; // a level of nothing but slimes: these are enough of them
    }
    g->mobs[g->mob_count++] = (Mob){.kind = kind, .home = tile};
    mobs_go_home(g);
}

void mobs_go_home(Game *g)
{
    for (int i = 0; i < g->mob_count; i++) {
        Mob *m = &g->mobs[i];
        *m = (Mob){.kind = m->kind, .home = m->home, .dir = -1, .alive = true};
        m->body = (Body){.w = 12, .h = 10, .pos = {m->home.x + 2, m->home.y + 6}};
        m->body.before = m->body.pos;
        m->timer = (float)(i % 4) * 0.4f; // not all in step
    }
}

// ---- one function for each kind

static void slime_update(const Game *g, Mob *m, float dt)
{
    Body *b = &m->body;
    float ahead = m->dir < 0 ? b->pos.x - 1 : b->pos.x + b->w + 1;
    int below = (int)floorf((b->pos.y + b->h + 2) / TILE);
    Tile floor_ahead = tile_at(&g->level, (int)floorf(ahead / TILE), below);
    bool ledge = b->on_ground && floor_ahead != GROUND && floor_ahead != PLANK;

    if (b->hit_wall || ledge) {
        m->dir = -m->dir;
    }
    b->vel.x = m->dir * SLIME_SPEED;
    body_fall(b, dt, 1);
    body_move(&g->level, b, dt);
}

static void frog_update(const Game *g, Mob *m, float dt)
{
    Body *b = &m->body;

    if (b->on_ground) {
        b->vel.x = 0;
        m->timer -= dt;
        m->dir = g->hero.body.pos.x < b->pos.x ? -1 : 1;
        if (m->timer <= 0) {
            m->timer = FROG_WAIT;
            b->vel = (hl_vec2){m->dir * FROG_HOP_ALONG, -FROG_HOP_UP};
        }
    }
    body_fall(b, dt, 1);
    body_move(&g->level, b, dt);
}

// Bats fly through everything, in a flat figure of eight.
static void bat_update(Mob *m, float dt)
{
    m->timer += dt;
    float way = m->timer * BAT_BEAT, x_before = m->body.pos.x;
    m->body.pos.x = m->home.x + 2 + hl_sin(way) * BAT_RANGE;
    m->body.pos.y = m->home.y + 3 + hl_sin(way * 2) * 9;
    m->dir = m->body.pos.x < x_before ? -1 : 1;
}

// ---- all of them

static void stomp(Game *g, hl_tick *t, Mob *m)
{
    static const hl_color SPLAT[] = {[SLIME] = 0x8fd14fff, [FROG] = 0x4fb3a5ff, [BAT] = 0x9a6fd0ff};
    hl_vec2 middle = {m->body.pos.x + m->body.w / 2, m->body.pos.y + m->body.h / 2};

    m->alive = false;
    m->flat_for = FLAT_FOR;
    sparks_burst(g, middle, 12, 90, SPLAT[m->kind]);
    g->shake = 2;
    hl_play_ex(t, "stomp.wav", (hl_sound){.pitch = hero_pitch(&g->hero)});
    hl_rumble(t, 0, 0.3f, 0.1f, 0.1f);
    hero_bounce(g, t);
}

static void meet_hero(Game *g, hl_tick *t, Mob *m)
{
    const Body *hero = &g->hero.body;
    float depth = hero->pos.y + hero->h - m->body.pos.y;

    if (g->scene != PLAYING || !bodies_touch(hero, &m->body)) {
        return;
    }
    if (hero->vel.y > 0 && depth < STOMP_TOLERANCE + hero->vel.y * t->dt) {
        stomp(g, t, m);
    } else {
        hero_hurt(g, t);
    }
}

void mobs_update(Game *g, hl_tick *t)
{
    for (int i = 0; i < g->mob_count; i++) {
        Mob *m = &g->mobs[i];
        m->body.before = m->body.pos;
        m->flat_for -= t->dt;
        if (!m->alive || fabsf(m->body.pos.x - g->cam.x) > AWAKE_WITHIN) {
            continue;
        }
        switch (m->kind) {
        case SLIME:
            slime_update(g, m, t->dt);
            break;
        case FROG:
            frog_update(g, m, t->dt);
            break;
        case BAT:
            bat_update(m, t->dt);
            break;
        }
        m->alive = m->body.pos.y < (float)(g->level.h * TILE + 4 * TILE); // fell out of the level
        meet_hero(g, t, m);
    }
}

static int mob_frame(const Game *g, const Mob *m)
{
    int beat = (int)(g->level_s * 6);

    if (!m->alive) {
        return 2;
    }
    switch (m->kind) {
    case SLIME:
        return beat & 1;
    case FROG:
        return m->body.on_ground ? 0 : 1;
    case BAT:
        return beat & 1;
    }
    return 0;
}

void mobs_draw(const Game *g, hl_canvas *c)
{
    static const char *const SHEETS[] = {
        [SLIME] = "slime.png", [FROG] = "frog.png", [BAT] = "bat.png"};

    for (int i = 0; i < g->mob_count; i++) {
        const Mob *m = &g->mobs[i];
        if (!m->alive && m->flat_for <= 0) {
            continue;
        }
        hl_vec2 at = body_between(&m->body, hl_alpha(c));
        hl_sprite_ex(c, SHEETS[m->kind], at.x + m->body.w / 2, at.y + m->body.h,
                     (hl_spr){.fw = 16,
                              .fh = 16,
                              .ox = 8,
                              .oy = 16,
                              .frame = mob_frame(g, m),
                              .flip_x = m->dir > 0,
                              .tint = hl_fade(HL_WHITE, m->alive ? 1 : m->flat_for * 4)});
        if (g->show_boxes && m->alive) {
            hl_rect_line(c, at.x, at.y, m->body.w, m->body.h, 1, HL_RED);
        }
    }
}
