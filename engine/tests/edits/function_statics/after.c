// expect: carried hop.count
// expect: log new 16 4 105
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

// A remark above moves all lines.
static int run(int deep)
{
    static int count;
    if (deep) {
        static int count = 100;
        return ++count;
    }
    return ++count;
}

static int hop(void)
{
    static int count = 1;
    return count *= 2;
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick <= 3) {
        hl_log(t, "new %d %d %d", hop(), run(0), run(1));
    }
    if (t->tick == 2) {
        (void)run(1);
    }
    if (t->reloaded && t->tick > 3) {
        hl_log(t, "new %d %d %d", hop(), run(0), run(1));
    }
}

EDIT_GAME(Game);
