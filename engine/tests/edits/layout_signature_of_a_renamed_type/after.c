// expect: migrated 0 lost
// expect: log hop 4
#include "edit.h"

typedef struct Enemy Enemy;
struct Enemy {
    int hp, armor;
    void (*act)(Enemy *enemy, hl_tick *t);
};
#define MOB Enemy

typedef struct Game {
    MOB *mobs;
} Game;
static void hop(MOB *mob, hl_tick *t)
{
    hl_log(t, "hop %d", mob->hp);
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mobs = hl_new(t, MOB, 2);
    g->mobs[1].act = hop;
    g->mobs[1].hp = 4;
}

static void tell(Game *g, hl_tick *t)
{
    g->mobs[1].act(&g->mobs[1], t);
}
