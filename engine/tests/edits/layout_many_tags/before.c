// More tags than the runtime keeps apart: the last types share one name there, and typed pointers
// tell them.
#include "edit.h"

#include <stdio.h>
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
    int age;
};

EDIT_FILL(Game)
{
    char name[32];
    EACH(1100)
    {
        snprintf(name, sizeof(name), "tag %d", i);
        (void)hl_alloc(t, name, 4, 4, 1);
    }
    g->mob = hl_new(t, Mob, 1);
    g->owl = hl_new(t, Owl, 2);
    *g->mob = (Mob){5, &g->owl[1]};
    g->owl[1].age = 6;
}
