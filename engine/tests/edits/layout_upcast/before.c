// A pointer to a struct becomes a pointer to the base at its start, and one to the base a pointer
// to the whole.
#include "edit.h"

typedef struct Base {
    int id;
} Base;
typedef struct Mob Mob;

struct Mob {
    Base base;
    int hp;
};
typedef struct Game {
    Mob *hero;
    Base *foe;
    Mob *owner;
} Game;

EDIT_FILL(Game)
{
    g->hero = hl_new(t, Mob, 1);
    *g->hero = (Mob){{1}, 10};
    Mob *foe = hl_new(t, Mob, 1);
    *foe = (Mob){{2}, 20};
    g->foe = &foe->base;
    g->owner = g->hero;
}
