// A function has two statics of one name in two blocks, and their code is changed around them.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int step(int which)
{
    if (which) {
        static int n = 10;
        return n += 1;
    } else {
        static int n = 20;
        return n += 2;
    }
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hl_log(t, "%d %d", step(0), step(1));
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "old %d %d", step(0), step(1));
    }
}

EDIT_GAME(Game);
