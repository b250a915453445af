// A typedef that many fields are of becomes another type.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef short Unit;

struct Mob {
    Unit x, y;
    struct {
        Unit w, h;
    } size;
    Unit path[4];
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[1] = (Mob){3, -4, {5, 6}, {0, 10, 20, -30}};
}
