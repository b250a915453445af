// A function and the global pointer to it get the same new parameter: it is called with it.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}
static void run(hl_tick *t)
{
    hl_log(t, "old run");
}
static void (*act)(hl_tick *t) = run;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        act = hop;
    }
    if (t->reloaded) {
        act(t);
    }
}

EDIT_GAME(Game);
