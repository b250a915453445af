// The game plays from a recording while it is edited: the variables go on as in a live one.
// do: replay 600
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score;

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
