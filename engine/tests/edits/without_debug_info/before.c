// Without -g variables go by symbol and size, functions by symbol.
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}
static int score = 10;
static int grown[2] = {1, 2};
static int speed = 3;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        score = 40;
        grown[1] = 20;
        speed = 30;
        g->act = hop;
    }
    if (t->reloaded) {
        g->act(t);
        hl_log(t, "old %d %d %d", score, grown[1], speed);
    }
}

EDIT_GAME(Game);
