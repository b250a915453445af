// expect: migrated 3 objects moved, 0 lost
// expect: log 3
// expect: log hop
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    long double big;
    unsigned more : 2, lives : 3;
    void (*act)(hl_tick *t);
};

static void hop(hl_tick *t)
{
    hl_log(t, "hop");
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].big = 0.5L * i;
        g->mobs[i].lives = 5;
        g->mobs[i].hp = i;
        g->mobs[i].act = hop;
    }
}

static void tell(Game *g, hl_tick *t)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(3, m[i].big == 0.5L * i && m[i].lives == 5 && m[i].hp == i));
    m[2].act(t);
}
