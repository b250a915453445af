// Pointers to elements in the middle of an allocation, from the state struct, from other objects
// and from the allocation itself.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *target, *targets[3];
    Mob **chosen;
    const Mob *watched;
} Game;

struct Mob {
    char kind;
    Mob *leader;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 10);
    EACH(10)
    {
        g->mobs[i] = (Mob){(char)i, &g->mobs[9 - i]};
    }
    g->target = &g->mobs[5];
    g->targets[0] = &g->mobs[9];
    g->targets[2] = &g->mobs[1];
    g->chosen = hl_new(t, Mob *, 4);
    g->chosen[3] = &g->mobs[7];
    g->watched = &g->mobs[2];
}
