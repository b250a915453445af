// Time is turned back over the edit and forward to behind it again: what was behind it is as it
// was.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mobs = hl_new(t, Mob, 3);
    }
    g->mobs[1].hp = (int)t->tick;
}

EDIT_GAME(Game);
