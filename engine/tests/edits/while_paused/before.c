// A build comes while the game is paused: it is taken at once, and the next tick is its first.
// do: pause
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        score = 40;
    }
    if (t->reloaded) {
        hl_log(t, "old score %d", score);
    }
}

EDIT_GAME(Game);
