// A long double is moved, another one becomes a double, a third one an integer.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char kind;
    long double moved, shorter, whole;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){(char)i, 1.0L / (3 + i), 0.25L * i, 1000.0L * i};
    }
}
