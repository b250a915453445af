// Time has been turned back when the edit is saved: it is the state of that moment that is moved.
// do: pause
// do: seek 2
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    g->mobs = t->tick == 1 ? hl_new(t, Mob, 3) : g->mobs;
    g->mobs[2].hp = 10 * (int)t->tick;
}

EDIT_GAME(Game);
