// Behind an edit time is turned back to before it: the state of then, in the structs of now.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int tick;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mobs = hl_new(t, Mob, 5);
        EACH(5)
        {
            g->mobs[i].next = &g->mobs[4 - i];
        }
    }
    EACH(5)
    {
        g->mobs[i].hp = 10 * (int)t->tick + i;
    }
    g->tick = (int)t->tick;
}

EDIT_GAME(Game);
