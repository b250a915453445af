// An array of doubles is cut short in many objects: one item, which says how many more.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double path[4];
    char kind;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 10);
    EACH(10)
    {
        g->mobs[i] = (Mob){{i, 0.5, 0, i < 7 ? 0 : i + 0.25}, (char)i};
    }
}
