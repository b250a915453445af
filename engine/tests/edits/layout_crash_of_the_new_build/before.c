// The build with the new structs dies in its first tick: the old one plays on with its own, and a
// fix moves them after all.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mobs = hl_new(t, Mob, 4);
        EACH(4)
        {
            g->mobs[i].next = &g->mobs[3 - i];
        }
    }
    EACH(4)
    {
        g->mobs[i].hp = 10 * i;
    }
}

EDIT_GAME(Game);
