// expect: log newest
// do: pause
// do: loop 2 5
// expect: log newest 20 0
// expect: log newest 20 0
// do: hear no more
#include "edit.h"

typedef struct Game Game;

struct Game {
    double hp;
    char more;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "newest");
    }
    if (t->tick == 3) {
        hl_log(t, "newest %g %d", g->hp, g->more);
    }
    g->hp = 10 * (double)t->tick;
    g->more++;
}

EDIT_GAME(Game);
