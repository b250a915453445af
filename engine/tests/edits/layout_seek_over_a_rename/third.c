// expect: log newest 1 5
// do: pause
// do: seek 2
// do: resume
// expect: log newest 20 5
// do: hear no more
#include "edit.h"

typedef struct Game Game;

struct Game {
    double vigour;
    int x;
};
HL_WAS(Game, vigour, health);

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "newest %d %d", g->vigour == 10 * (double)t->tick - 10, g->x);
    }
    if (t->tick == 3) {
        hl_log(t, "newest %g %d", g->vigour, g->x);
    }
    g->vigour = 10 * (double)t->tick;
}

EDIT_GAME(Game);
