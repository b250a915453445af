// expect: lost Game.act
// expect: log new hop fox
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t, const char *name)
{
    hl_log(t, "new hop %s", name);
}

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hop(t, "fox");
        g->more[0] = NULL;
    }
}

EDIT_GAME(Game);
