// A type becomes two: one half keeps its name, the other half is a new struct inside it.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    float x, y;
    int items[3];
    float angle;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){i, (float)i, -(float)i, {1, 2, i}, 0.5f};
    }
}
