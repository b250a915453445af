// Bit-fields become narrower; what does not fit is named, with the object that it does not fit in.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    unsigned hp : 10;
    int mood : 6;
    unsigned gold : 16;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 4);
    g->mobs[0] = (Mob){15, 3, 65535};
    g->mobs[1] = (Mob){16, -4, 1};
    g->mobs[2] = (Mob){1, -5, 2};
    g->mobs[3] = (Mob){0, 0, 3};
}
