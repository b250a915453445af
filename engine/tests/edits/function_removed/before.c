// The state points to a function that is removed: named at once, and a call of it is contained
// and says its name. The build before plays on, with its function.
// do: pause
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}

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
