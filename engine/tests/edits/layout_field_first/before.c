// A field is put in front of the others, in a struct of which 32 are alive.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int after;
} Game;

struct Mob {
    int hp;
    float speed;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 32);
    g->after = 77;
    EACH(32)
    {
        g->mobs[i] = (Mob){100 + i, 0.5f * (float)i};
    }
}
