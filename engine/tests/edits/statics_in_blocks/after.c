// expect: changed step.n
// expect: carried step.n
// expect: log new 27 12
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int step(int which)
{
    static int calls;
    calls++;
    if (which) {
        static int n = 10;
        n += 1;
        return n;
    } else {
        static int n = 25;
        n += 2;
        return n + 0 * calls;
    }
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hl_log(t, "%d %d", step(0), step(1));
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "new %d %d", step(0), step(1));
    }
}

EDIT_GAME(Game);
