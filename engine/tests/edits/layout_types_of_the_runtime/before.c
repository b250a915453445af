// Members of hotloop.h's types in a struct that changes: a vector, a rectangle, a source of random
// numbers that goes on with its sequence.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    uint32_t next;
} Game;

struct Mob {
    char kind;
    hl_rng rng;
    hl_vec2 pos;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    EACH(2)
    {
        g->mobs[i].kind = 'm';
        hl_seed(&g->mobs[i].rng, 7 + (uint32_t)i, 1);
        (void)hl_rand(&g->mobs[i].rng);
        g->mobs[i].pos = (hl_vec2){(float)i + 0.5f, 2};
    }
    hl_rng copy = g->mobs[1].rng;
    g->next = hl_rand(&copy);
}
