// A static loses its `static` and another gains one: the same variables.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int a = 1;
int b = 2;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        a = 10;
        b = 20;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d", a, b);
    }
}

EDIT_GAME(Game);
