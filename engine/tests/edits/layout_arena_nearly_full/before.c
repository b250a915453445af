// Two thirds of the room are taken by one array, whose elements grow by a little.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *last;
} Game;

struct Mob {
    int hp;
    int path[15];
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 20000);
    g->last = &g->mobs[19999];
    EACH(20000)
    {
        g->mobs[i].hp = i;
        g->mobs[i].path[14] = -i;
    }
}
