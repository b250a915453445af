// Shows a picture and says nothing.
#include "hotloop.h"

typedef struct Game {
    int64_t count;
} Game;

static void init(Game *g, hl_tick *t)
{
    (void)t;
    g->count = 0;
}

static void update(Game *g, hl_tick *t)
{
    (void)t;
    g->count++;
}

static void draw(const Game *g, hl_canvas *c)
{
    (void)g;
    hl_clear(c, HL_BLACK);
    hl_sprite(c, "picture.png", 10, 30);
}

HL_GAME(Game, init, update, draw, .title = "Picture");
