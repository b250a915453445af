// The state struct changes its size, in a build that has no debug information to say how: it is
// refused, and the old one plays on with its variables.
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
    if (t->tick == 99999) {
        hl_log(t, "old %d", score);
    }
}

EDIT_GAME(Game);
