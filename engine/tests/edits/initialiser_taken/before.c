// An initialiser that is taken away is a change to zero.
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
        hl_log(t, "old lives %d", lives);
    }
}

EDIT_GAME(Game);
