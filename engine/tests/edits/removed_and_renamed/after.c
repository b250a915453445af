// expect: lost coins
// expect: lost depth
// expect: log new 5 0
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int gold = 5;
static int width;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        gold = 55;
        width = 12;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d", gold, width);
    }
}

EDIT_GAME(Game);
