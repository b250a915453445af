// expect: lost mine
// expect: log new 3
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static _Thread_local int mine = 3;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        mine = 30;
    }
    if (t->reloaded) {
        hl_log(t, "new %d", mine);
    }
}

EDIT_GAME(Game);
