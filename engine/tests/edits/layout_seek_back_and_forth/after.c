// expect: log new 1
// expect: log new 1 1002
// do: pause
// do: seek 2
// do: step
// expect: log new 1 0
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int armor;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        g->mobs[1].armor = 1000;
        hl_log(t, "new %d", g->mobs[1].hp == (int)t->tick - 1);
    }
    if (t->tick == 3 || g->mobs[1].armor == 1002) {
        hl_log(t, "new %d %d", g->mobs[1].hp == (int)t->tick - 1, g->mobs[1].armor);
    }
    g->mobs[1].armor += g->mobs[1].armor > 0;
    g->mobs[1].hp = (int)t->tick;
}

EDIT_GAME(Game);
