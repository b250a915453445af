// A global points to one that is removed: NULL and named; one that did not move takes the new
// target.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int a = 1, b = 2;
static int *live = &a;
static int *idle = &b;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        a = 10;
        live = &b;
    }
    if (t->tick == 99999) {
        b = 5;
        idle = live;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d", *live, *idle);
    }
}

EDIT_GAME(Game);
