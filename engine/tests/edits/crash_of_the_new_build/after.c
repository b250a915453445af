// expect: changed score
// expect: fault null pointer
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score = 100;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    score += 7;
    if (t->tick > 1) {
        *(volatile int *)NULL = score;
    }
}

EDIT_GAME(Game);
