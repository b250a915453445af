// A static and a global are moved to another file; each is the only one of its name, so they
// follow.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

int total = 5;
static int count = 1;

static int counted(int more)
{
    return count += more;
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        total = 50;
        (void)counted(9);
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d", total, counted(0));
    }
}

EDIT_GAME(Game);
