// A function is taken out that objects point to, in the edit that changes their struct.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    void (*act)(hl_tick *t);
    int hp;
};
static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}
static void run(hl_tick *t)
{
    hl_log(t, "old run");
}

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i] = (Mob){i == 1 ? hop : run, i};
    }
}
