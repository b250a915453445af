// The game plays from a recording while its structs change.
// do: replay 600
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){i + 4, &g->mobs[2 - i]};
    }
}
