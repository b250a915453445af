// expect: lost hop.count
// expect: carried run.count
// expect: log new 1 4
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int leap(void)
{
    static int count;
    return ++count;
}

static int run(void)
{
    static int count;
    return ++count;
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick <= 3) {
        hl_log(t, "new %d %d", leap(), run());
    }
    if (t->reloaded && t->tick > 3) {
        hl_log(t, "new %d %d", leap(), run());
    }
}

EDIT_GAME(Game);
