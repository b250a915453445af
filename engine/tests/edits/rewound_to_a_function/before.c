// Time is turned back to when the state still pointed to another function: the new code of that
// is called.
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}
static void run(hl_tick *t)
{
    hl_log(t, "old run");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
    }
    if (t->tick == 4) {
        g->act = run;
    }
    if (t->reloaded || t->tick == 3) {
        g->act(t);
    }
}

EDIT_GAME(Game);
