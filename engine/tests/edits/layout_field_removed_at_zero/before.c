// A field is taken out that is zero in all objects: nothing is lost, so nothing is named as lost.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    int armor;
    int x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 8);
    EACH(8)
    {
        g->mobs[i].hp = i + 1;
        g->mobs[i].x = i * i;
    }
}
