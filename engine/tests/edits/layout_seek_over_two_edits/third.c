// expect: log newest 1 500
// do: pause
// do: seek 2
// do: resume
// expect: log newest 102 0 1
// do: hear no more
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    Mob *self;
    double hp;
    int armor;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "newest %d %d", g->mob->hp == 100 + (double)t->tick - 1, g->mob->armor);
    }
    if (t->tick == 3) {
        hl_log(t, "newest %g %d %d", g->mob->hp, g->mob->armor, g->mob->self == NULL);
    }
    g->mob->hp = 100 + (double)t->tick;
    g->mob->self = g->mob;
}

EDIT_GAME(Game);
