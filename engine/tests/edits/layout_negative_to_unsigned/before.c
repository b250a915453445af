// A signed field becomes unsigned: negative values are named, the others go on.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    long gold;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->mobs[0] = (Mob){2147483647, 9000000000000000000};
    g->mobs[1] = (Mob){-3, 4};
    g->mobs[2] = (Mob){5, -6};
}
