// A void * to where objects begin means the objects.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    void *owner, *list[3];
    const void *end;
} Game;

struct Mob {
    int hp;
    void *user;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    Mob *other = hl_new(t, Mob, 1);
    EACH(4)
    {
        g->mobs[i] = (Mob){i, &g->mobs[3 - i]};
    }
    *other = (Mob){55, g};
    g->owner = &g->mobs[2];
    g->list[1] = other;
    g->end = g->mobs;
}
