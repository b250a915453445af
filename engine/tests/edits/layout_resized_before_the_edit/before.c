// Before the edit the array grew several times, and gave room back.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int count;
    Mob *first;
} Game;

struct Mob {
    int hp;
    Mob *self;
};

EDIT_FILL(Game)
{
    for (g->count = 1; g->count <= 64; g->count *= 2) {
        g->mobs = hl_resize(t, g->mobs, Mob, (size_t)g->count);
        (void)hl_new(t, int, 3);
    }
    g->count = 40;
    g->mobs = hl_resize(t, g->mobs, Mob, 40);
    EACH(40)
    {
        g->mobs[i] = (Mob){i, &g->mobs[i]};
    }
    g->first = g->mobs;
}
