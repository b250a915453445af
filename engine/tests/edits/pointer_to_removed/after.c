// expect: lost coins (game.c) is not in the new build
// expect: lost Game.at
// expect: log new NULL
#include "edit.h"

typedef struct Game {
    int *at;
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new %s", g->at ? "dangling" : "NULL");
    }
}

EDIT_GAME(Game);
