// A struct type and the tag of its allocations have another name; its fields are the same.
#include "edit.h"

typedef struct Foe {
    int hp;
    struct Foe *next;
} Foe;
typedef struct Game {
    Foe *mobs;
    Foe *boss;
} Game;

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Foe, 5);
    g->boss = &g->mobs[4];
    EACH(5)
    {
        g->mobs[i] = (Foe){i, &g->mobs[4 - i]};
    }
}
