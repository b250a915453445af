// An untouched global keeps what the game has put there.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

int score = 10;

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
