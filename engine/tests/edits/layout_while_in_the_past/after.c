// do: resume
// expect: log new 20 in tick 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double armor;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new %d in tick %d", g->mobs[2].hp, (int)t->tick);
    }
}

EDIT_GAME(Game);
