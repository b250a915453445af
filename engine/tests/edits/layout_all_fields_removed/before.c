// A struct loses all its fields, and another one all but one.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mobs;
    Owl *owls;
    int end;
} Game;

struct Mob {
    int hp;
};
struct Owl {
    int a, b, c;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    g->owls = hl_new(t, Owl, 3);
    g->mobs[2].hp = 1;
    g->owls[1].b = 8;
    g->end = 9;
}
