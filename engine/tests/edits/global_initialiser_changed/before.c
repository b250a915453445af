// The number that was typed last wins over what the game made of the old one.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int speed = 3;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        speed = 30;
    }
    if (t->reloaded) {
        hl_log(t, "old speed %d", speed);
    }
}

EDIT_GAME(Game);
