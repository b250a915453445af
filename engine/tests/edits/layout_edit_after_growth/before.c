// Behind the edit the game makes more objects than before, and is edited once more.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob **mobs;
    int count;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob *, 4);
    for (g->count = 0; g->count < 4; g->count++) {
        g->mobs[g->count] = hl_new(t, Mob, 1);
        g->mobs[g->count]->hp = g->count;
    }
}
