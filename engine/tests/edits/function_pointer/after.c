// expect: log new hop
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
} Game;

static void before_it(hl_tick *t)
{
    hl_log(t, "another function, so that hop moves");
}

static void hop(hl_tick *t)
{
    hl_log(t, "new hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = before_it;
    }
    if (t->reloaded) {
        g->act(t);
    }
    if (t->tick == 2) {
        g->act = hop;
    }
}

EDIT_GAME(Game);
