// All allocations go through one function of the game, which gives them all the same tag.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Owl Owl;
typedef struct Game {
    Mob *mob;
    Owl *owl;
} Game;

struct Mob {
    int hp;
    Owl *owl;
};
struct Owl {
    double wings;
    int age;
};

EDIT_FILL(Game)
{
    g->mob = hl_alloc(t, "object", sizeof(Mob), 16, 1);
    g->owl = hl_alloc(t, "object", sizeof(Owl), 16, 1);
    *g->mob = (Mob){5, g->owl};
    *g->owl = (Owl){2.5, 7};
}
