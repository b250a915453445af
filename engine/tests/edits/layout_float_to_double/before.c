// Floats become doubles and long doubles, exactly.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    float a, b, c, d;
    double e;
};

EDIT_FILL(Game)
{
    g->mob = hl_new(t, Mob, 1);
    *g->mob = (Mob){0.1f, __builtin_inff(), __builtin_nanf(""), -3e38f, 0.1};
}
