// An integer becomes narrower, and does not fit in one of the objects: that one is named and has
// the nearest that there is, the others have their values.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    int x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 20);
    EACH(20)
    {
        g->mobs[i] = (Mob){i == 17 ? 300 : 10 * i, i};
    }
}
