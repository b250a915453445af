// expect: log new
#include "edit.h"

typedef struct Game Game;

struct Game {
    int armor;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    g->hp = 10 * (int)t->tick;
    g->armor = 0;
    if (t->reloaded) {
        hl_log(t, "new");
    }
}

EDIT_GAME(Game);
