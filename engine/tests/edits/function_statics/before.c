// Statics of functions and of nested blocks, all of one name, go on each by itself.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int hop(void)
{
    static int count = 1;
    return count *= 2;
}

static int run(int deep)
{
    static int count;
    if (deep) {
        static int count = 100;
        return ++count;
    }
    return ++count;
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick <= 3) {
        hl_log(t, "old %d %d %d", hop(), run(0), run(1));
    }
    if (t->tick == 2) {
        (void)run(1);
    }
    if (t->reloaded && t->tick > 3) {
        hl_log(t, "old %d %d %d", hop(), run(0), run(1));
    }
}

EDIT_GAME(Game);
