// expect: fault null pointer
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double armor;
    Mob *next;
    long hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick > 1) {
        g->mobs[2].hp = 9999;
        *(volatile int *)NULL = (int)g->mobs[2].hp;
    }
}

EDIT_GAME(Game);
