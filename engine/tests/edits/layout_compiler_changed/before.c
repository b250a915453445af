// The compiler is changed together with the structs.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    long double big;
    unsigned lives : 3;
    int hp;
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
