// Two ticks play over and over while the structs change: each pass begins with the same state.
// do: pause
// do: loop 1 3
// do: pause
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->mob = hl_new(t, Mob, 1);
    }
    g->mob->hp += 1;
}

EDIT_GAME(Game);
