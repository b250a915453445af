// Floats become integers: whole numbers go on, fractions are cut off as C does.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    float hp;
    double x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->mobs[0] = (Mob){3, -9007199254740992.0};
    g->mobs[1] = (Mob){-16777216, 1e15};
    g->mobs[2] = (Mob){2.75f, -2.75};
    g->mobs[3] = (Mob){0, 0.5};
}
