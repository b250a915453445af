// Everything that this game remembers is in variables of its own files and functions; the struct
// that the runtime knows stays as it is. A rewind that only knew the struct would show at once.
#include "hotloop.h"

typedef struct Game {
    int32_t unused;
} Game;

static uint32_t mixed = 1;
static float heights[3000]; // more than a page, zero at first
static hl_vec2 ball = {10, 20};

static int next_turn(void)
{
    static int turns;
    return ++turns;
}

static void init(Game *g, hl_tick *t)
{
    (void)t;
    g->unused = 1;
}

static void update(Game *g, hl_tick *t)
{
    int turn = next_turn();
    (void)g;
    mixed = mixed * 1664525u + 1013904223u + (uint32_t)turn;
    heights[mixed % 3000] += 0.5f;
    ball.x += heights[mixed % 3000] * t->dt;
    hl_log(t, "turn %d mixed %u", turn, mixed);
}

static void draw(const Game *g, hl_canvas *c)
{
    (void)g;
    hl_clear(c, HL_BLACK);
    hl_circle(c, ball.x, ball.y, 4, HL_GREEN);
}

HL_GAME(Game, init, update, draw, .title = "Statics");
