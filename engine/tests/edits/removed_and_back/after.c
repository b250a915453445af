// expect: lost coins
// expect: log new
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->reloaded) {
        hl_log(t, "new");
    }
}

EDIT_GAME(Game);
