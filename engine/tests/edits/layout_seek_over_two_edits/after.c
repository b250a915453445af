// expect: log new 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    int armor;
    short hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new %d", g->mob->hp == 100 + (int)t->tick - 1);
    }
    g->mob->hp = (short)(100 + (int)t->tick);
    g->mob->armor = 500;
}

EDIT_GAME(Game);
