// expect: lost Game.act
// do: resume
// expect: fault hop()
// expect: log old hop
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        g->act(t);
    }
}

EDIT_GAME(Game);
