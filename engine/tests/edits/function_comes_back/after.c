// expect: lost Game.act
// expect: log new
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new");
        g->more[0] = NULL;
    }
}

EDIT_GAME(Game);
