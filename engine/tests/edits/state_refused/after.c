// expect: refused Game
#include "edit.h"

typedef struct Game {
    int unused;
    int more[9];
} Game;

static int score = 100;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        score = 40;
    }
    if (t->tick == 99999) {
        hl_log(t, "new %d", score);
    }
}

EDIT_GAME(Game);
