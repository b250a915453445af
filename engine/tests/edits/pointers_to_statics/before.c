// The state points to the static of a function; the function is called on, and the static is the
// same one.
#include "edit.h"

typedef struct Game {
    int *count;
} Game;

static int *counter(void)
{
    static int count = 1;
    count++;
    return &count;
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->count = counter();
    }
    if (t->reloaded && t->tick > 1) {
        int *again = counter();
        hl_log(t, "old %d %d", *g->count, again == g->count);
    }
}

EDIT_GAME(Game);
