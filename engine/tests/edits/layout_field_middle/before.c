// A field is put between two others; each object has an allocation of its own.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs[12];
} Game;

struct Mob {
    short hp;
    char kind;
    double x;
};

EDIT_FILL(Game)
{
    EACH(12)
    {
        g->mobs[i] = hl_new(t, Mob, 1);
        *g->mobs[i] = (Mob){(short)(-i), (char)('a' + i), 1.25 * i};
    }
}
