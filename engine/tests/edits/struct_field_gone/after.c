// expect: lost hero.armour
// expect: log new 7
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    int hp;
} hero = {.hp = 10};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hero.hp = 7;
    }
    if (t->reloaded) {
        hl_log(t, "new %d", hero.hp);
    }
}

EDIT_GAME(Game);
