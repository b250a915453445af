// A struct type has another name and other fields; what points to it says which it is now.
#include "edit.h"

typedef struct Foe {
    int hp;
    struct Foe *next;
} Foe;
typedef struct Game {
    Foe *mobs;
    Foe *list[3];
} Game;

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Foe, 5);
    EACH(5)
    {
        g->mobs[i] = (Foe){-i, &g->mobs[4 - i]};
    }
    g->list[1] = hl_new(t, Foe, 1);
    *g->list[1] = (Foe){99, g->mobs};
    g->list[2] = &g->mobs[3];
}
