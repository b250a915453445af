// Three builds with three layouts, and time is turned back to each of the older two.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mob = hl_new(t, Mob, 1);
    }
    g->mob->hp = 100 + (int)t->tick;
}

EDIT_GAME(Game);
