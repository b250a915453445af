// expect: carried counter.count
// expect: log new 12 1
#include "edit.h"

typedef struct Game {
    int *count;
} Game;

static int *counter(void)
{
    static double between = 1;
    static int count = 1;
    between *= 2;
    count += between > 0 ? 10 : 20;
    return &count;
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->count = counter();
    }
    if (t->reloaded && t->tick > 1) {
        int *again = counter();
        hl_log(t, "new %d %d", *g->count, again == g->count);
    }
}

EDIT_GAME(Game);
