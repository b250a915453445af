// A member is aligned to 32 bytes, and objects that were aligned to 8 have to be moved to such
// places.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs[5];
    Mob *many;
} Game;

struct Mob {
    int hp;
    float matrix[4];
};

EDIT_FILL(Game)
{
    EACH(5)
    {
        g->mobs[i] = hl_new(t, Mob, 1);
        *g->mobs[i] = (Mob){i, {1, 2, 3, (float)i}};
    }
    g->many = hl_new(t, Mob, 3);
    g->many[2] = (Mob){9, {9, 9, 9, 10}};
}
