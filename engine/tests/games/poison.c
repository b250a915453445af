// A library whose constructor misbehaves; POISON says how.
#include "hotloop.h"

#include <stdlib.h>
#include <unistd.h>

typedef struct Game {
    int64_t count;
    int32_t presses; // the counter game's state
} Game;

static __attribute__((constructor)) void poison(void)
{
    POISON;
}

static void init(Game *g, hl_tick *t)
{
    hl_log(t, "init with seed %u", t->seed);
    g->count = 0;
}

static void update(Game *g, hl_tick *t)
{
    g->count++;
    if (t->reloaded) {
        hl_log(t, "poison runs");
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    (void)g;
    hl_clear(c, HL_RED);
}

HL_GAME(Game, init, update, draw);
