// Two fields move together into a new struct, in the same build in which others come and go.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    float x, y;
    char kind;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 7);
    EACH(7)
    {
        g->mobs[i] = (Mob){i, (float)i / 2, -(float)i, (char)('a' + i)};
    }
}
