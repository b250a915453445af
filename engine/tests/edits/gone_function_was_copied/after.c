// expect: lost Game.act
// expect: log new
#include "edit.h"

typedef struct Far {
    char room[20000];
    void (*act)(hl_tick *t);
} Far;

typedef struct Game {
    void (*act)(hl_tick *t);
    Far *far;
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        g->far->act = g->act;
        hl_log(t, "new");
    }
}

EDIT_GAME(Game);
