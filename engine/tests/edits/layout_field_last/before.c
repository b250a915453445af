// A field is put behind the others: the objects need more room than they have.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *boss;
    long behind;
} Game;

struct Mob {
    int hp, x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 20);
    g->boss = hl_new(t, Mob, 1);
    g->behind = 123456789012;
    *g->boss = (Mob){5000, -1};
    EACH(20)
    {
        g->mobs[i] = (Mob){i, 3 * i};
    }
}
