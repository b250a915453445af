// Behind a reload the game is started afresh: its variables are as the new build has them typed.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hl_log(t, "old begins with %d", score);
        score += 39;
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "old %d", score);
    }
}

EDIT_GAME(Game);
