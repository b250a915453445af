// A global is removed, named, and comes back: fresh, or with its old value.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int coins = 5;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        coins = 55;
    }
    if (t->reloaded) {
        hl_log(t, "old %d", coins);
    }
}

EDIT_GAME(Game);
