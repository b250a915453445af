// A function gets another name: its static has no counterpart, which is said; the other one goes
// on.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int hop(void)
{
    static int count;
    return ++count;
}

static int run(void)
{
    static int count;
    return ++count;
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick <= 3) {
        hl_log(t, "old %d %d", hop(), run());
    }
    if (t->reloaded && t->tick > 3) {
        hl_log(t, "old %d %d", hop(), run());
    }
}

EDIT_GAME(Game);
