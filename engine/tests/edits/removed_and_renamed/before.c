// A variable that is gone is named with what it held, one that is renamed too; one that still
// was as it began is not.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int coins = 5;
static int depth;
static int unused_yet = 7;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        coins = 55;
        depth = 12;
    }
    if (t->tick == 99999) {
        unused_yet++;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d", coins, depth, unused_yet);
    }
}

EDIT_GAME(Game);
