// The state points to a global that is removed: NULL, named by field; and both are named once.
#include "edit.h"

typedef struct Game {
    int *at;
} Game;

static int coins = 5;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        coins = 55;
        g->at = &coins;
    }
    if (t->reloaded) {
        hl_log(t, "old %d", *g->at);
    }
}

EDIT_GAME(Game);
