// Breaks the one rule of the runtime on purpose: its state also depends on the time of day and on
// the C library's rand(), which nobody takes back.
#include "hotloop.h"

#include <stdlib.h>
#include <time.h>

typedef struct Stamp {
    int64_t nanoseconds;
    int32_t dice;
} Stamp;

typedef struct Game {
    int32_t ticks;
    Stamp *stamp;
} Game;

static void init(Game *g, hl_tick *t)
{
    g->stamp = hl_new(t, Stamp, 1);
}

static void update(Game *g, hl_tick *t)
{
    struct timespec now;
    (void)t;
    clock_gettime(CLOCK_MONOTONIC, &now);
    g->ticks++;
    g->stamp->nanoseconds = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    g->stamp->dice = rand();
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, HL_BLACK);
    hl_text(c, 4, 4, 8, HL_WHITE, "%d", g->ticks);
}

HL_GAME(Game, init, update, draw, .title = "Clock");
