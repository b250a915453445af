// An array becomes shorter by elements that are zero in all objects.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    short items[6];
    int x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 5);
    EACH(5)
    {
        g->mobs[i] = (Mob){{(short)i, 7, 8}, i * i};
    }
}
