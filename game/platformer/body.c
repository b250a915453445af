// Boxes that fall and bump into the level, one axis at a time.
#include "platformer.h"

#include <math.h>

HL_TWEAK(GRAVITY, 900, 100, 2000);   // pixels/s^2
HL_TWEAK(FALL_SPEED, 340, 100, 800); // pixels/s: nothing falls faster

// A box that ends exactly where a tile begins does not touch it, whatever rounding says.
static const float SKIN = 0.01f;
// How far a head that bumps into a corner is pushed aside instead.
static const float CORNER = 4;

static int tile_of(float px)
{
    return (int)floorf(px / TILE);
}

static bool wall_in_column(const Level *level, int x, float top, float bottom)
{
    for (int y = tile_of(top); y <= tile_of(bottom - SKIN); y++) {
        if (tile_at(level, x, y) == GROUND) {
            return true;
        }
    }
    return false;
}

static bool wall_in_row(const Level *level, int y, float left, float right)
{
    for (int x = tile_of(left); x <= tile_of(right - SKIN); x++) {
        if (tile_at(level, x, y) == GROUND) {
            return true;
        }
    }
    return false;
}

static bool plank_in_row(const Level *level, int y, float left, float right)
{
    for (int x = tile_of(left); x <= tile_of(right - SKIN); x++) {
        if (tile_at(level, x, y) == PLANK) {
            return true;
        }
    }
    return false;
}

static void move_x(const Level *level, Body *b, float dx)
{
    b->hit_wall = false;
    b->pos.x += dx;
    int column = tile_of(dx > 0 ? b->pos.x + b->w - SKIN : b->pos.x);
    if (dx != 0 && wall_in_column(level, column, b->pos.y, b->pos.y + b->h)) {
        b->pos.x = dx > 0 ? (float)(column * TILE) - b->w : (float)((column + 1) * TILE);
        b->vel.x = 0;
        b->hit_wall = true;
    }
}

static void move_down(const Level *level, Body *b, float dy)
{
    float feet_before = b->pos.y + b->h, right = b->pos.x + b->w;

    b->on_ground = false;
    b->pos.y += dy;
    int row = tile_of(b->pos.y + b->h - SKIN);
    float top = (float)(row * TILE);
    bool on_plank =
        !b->drops && feet_before <= top + SKIN && plank_in_row(level, row, b->pos.x, right);
    if (on_plank || wall_in_row(level, row, b->pos.x, right)) {
        b->pos.y = top - b->h;
        b->vel.y = 0;
        b->on_ground = true;
    }
}

static void move_up(const Level *level, Body *b, float dy)
{
    const float ASIDE[] = {0, -CORNER, CORNER};
    int row = tile_of(b->pos.y + dy);

    b->on_ground = false;
    for (int i = 0; i < 3; i++) {
        float left = b->pos.x + ASIDE[i];
        if (!wall_in_row(level, row, left, left + b->w)) {
            b->pos.x = left;
            b->pos.y += dy;
            return;
        }
    }
    b->pos.y = (float)((row + 1) * TILE);
    b->vel.y = 0;
}

void body_fall(Body *b, float dt, float pull)
{
    b->vel.y = fminf(b->vel.y + GRAVITY * pull * dt, FALL_SPEED);
}

void body_move(const Level *level, Body *b, float dt)
{
    // Never further than half a tile in one tick, so that nothing can be jumped over.
    const float limit = TILE / 2.0f;
    float dx = fmaxf(-limit, fminf(limit, b->vel.x * dt));
    float dy = fmaxf(-limit, fminf(limit, b->vel.y * dt));

    move_x(level, b, dx);
    if (dy < 0) {
        move_up(level, b, dy);
    } else {
        move_down(level, b, dy);
    }
}

void body_unstick(const Level *level, Body *b)
{
    for (int i = 0; i < MAP_H && wall_in_row(level, tile_of(b->pos.y), b->pos.x, b->pos.x + b->w);
         i++) {
        b->pos.y = floorf(b->pos.y / TILE) * TILE - b->h;
    }
    b->before = b->pos;
}

bool bodies_touch(const Body *a, const Body *b)
{
    return a->pos.x < b->pos.x + b->w && b->pos.x < a->pos.x + a->w && a->pos.y < b->pos.y + b->h
           && b->pos.y < a->pos.y + a->h;
}

hl_vec2 body_between(const Body *b, float alpha)
{
    return (hl_vec2){floorf(b->before.x + (b->pos.x - b->before.x) * alpha + 0.5f),
                     floorf(b->before.y + (b->pos.y - b->before.y) * alpha + 0.5f)};
}
