// expect: changed lives
// expect: log new lives 3
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int lives = 3;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        lives = 9;
    }
    if (t->reloaded) {
        hl_log(t, "new lives %d", lives);
    }
}

EDIT_GAME(Game);
