// Not a number, infinity and what is too large are named when a float becomes an integer; the same
// field of other objects goes on.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    float a;
    double b;
    double c;
    float d;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->mobs[0] = (Mob){1, 2, 3, 4};
    g->mobs[1] = (Mob){__builtin_nanf(""), 40000, __builtin_inf(), -1};
    g->mobs[2] = (Mob){-1, -32768, -4e18, 4294967040.0f};
}
