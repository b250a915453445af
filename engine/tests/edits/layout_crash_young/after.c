// expect: migrated 4 objects moved, 0 lost
// expect: fault null pointer
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double armor;
    Mob *next;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    (void)t;
    g->mobs[2].armor += 1;
    if (g->mobs[2].armor == 8) {
        g->mobs[2].hp = *(volatile int *)NULL;
    }
}

EDIT_GAME(Game);
