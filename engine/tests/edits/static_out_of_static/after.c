// expect: log new hop
#include "edit.h"
#include "hop.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
    }
    if (t->reloaded) {
        g->act(t);
    }
}

EDIT_GAME(Game);
