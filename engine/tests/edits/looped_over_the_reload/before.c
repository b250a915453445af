// A loop over ticks of the old build and of the new one plays in the newest code, from the
// values of then.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    score = 10 * (int)t->tick;
}

EDIT_GAME(Game);
