// expect: changed lives
// expect: log new lives 0
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int lives;

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
