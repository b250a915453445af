// expect: guessed Game.hp ... Game.health
// expect: log new 1 5
#include "edit.h"

typedef struct Game Game;

struct Game {
    int x;
    int health;
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new %d %d", g->health == 10 * (int)t->tick - 10, g->x);
    }
    g->health = 10 * (int)t->tick;
}

EDIT_GAME(Game);
