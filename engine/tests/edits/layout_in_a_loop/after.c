// do: step 4
// expect: log new 103 7
// expect: log new 103 7
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    long armor;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mob = hl_new(t, Mob, 1);
    }
    g->mob->hp += t->tick == 3 ? 101 : 1;
    if (t->tick == 3) {
        g->mob->armor += 7;
        hl_log(t, "new %d %ld", g->mob->hp, g->mob->armor);
    }
}

EDIT_GAME(Game);
