// The level of optimisation changes together with the structs, and back again.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[0] = (Mob){1, &g->mobs[1]};
    g->mobs[1] = (Mob){2, &g->mobs[0]};
}
