// x
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    void (*act)(hl_tick *t);
    int *at;
    int hp, armor;
};
static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 5);
    EACH(5)
    {
        g->mobs[i] = (Mob){hop, &g->mobs[4 - i].armor, i, 0};
    }
}
