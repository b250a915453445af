// expect: log new hop of game.c
// expect: log new hop of rules.c
#include "edit.h"
#include "rules.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "new hop of game.c");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
        g->more[0] = rules_hop();
    }
    if (t->reloaded) {
        g->act(t);
        g->more[0](t);
    }
}

EDIT_GAME(Game);
