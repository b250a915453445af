// Behind a reload time is turned back to before it: each variable is what it was then, in the
// new code.
#include "edit.h"

typedef struct Game {
    int last;
    int *at;
} Game;

static int score;
static int list[3];

static void update(Game *g, hl_tick *t)
{
    score = (int)t->tick;
    list[1] = 2 * score;
    if (t->tick == 1) {
        g->at = &list[1];
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "old %d", score == (int)t->tick);
    }
    if (t->tick == 3) {
        hl_log(t, "old tick 3 after %d %d %d", g->last, *g->at, g->at == &list[1]);
    }
    g->last = score;
}

EDIT_GAME(Game);
