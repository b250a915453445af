// One element of a table is changed, the others keep what the game wrote.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int cost[4] = {1, 2, 3, 4};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        cost[0] = 10;
        cost[2] = 30;
        cost[3] = 40;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d %d", cost[0], cost[1], cost[2], cost[3]);
    }
}

EDIT_GAME(Game);
