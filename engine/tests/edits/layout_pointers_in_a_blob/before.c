// Pointers to objects that move lie in memory of which nothing tells the type: right, or refused.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    void *blob;
    Mob *mobs;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->blob = hl_alloc(t, "blob", 1, 16, 64);
    ((Mob **)g->blob)[2] = &g->mobs[3];
    g->mobs[3].hp = 5;
}
