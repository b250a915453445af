// A variable that began as zero is given a value: that is a change.
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
        hl_log(t, "old lives %d", lives);
    }
}

EDIT_GAME(Game);
