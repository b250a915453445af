// An array in the middle of a struct becomes longer: what lies behind it moves.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int items[4];
    int x;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 10);
    EACH(10)
    {
        g->mobs[i] = (Mob){{i, i + 1, i + 2, i + 3}, -i - 1};
    }
}
