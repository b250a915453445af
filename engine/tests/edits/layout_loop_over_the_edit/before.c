// A loop begins before an edit and ends behind it: each pass begins with the same state, in the
// structs of now.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mobs = hl_new(t, Mob, 4);
        g->mobs[0].next = &g->mobs[3];
    }
    g->mobs[3].hp = 10 * (int)t->tick;
}

EDIT_GAME(Game);
