// A field that is gone is named as Type or variable and field, if it held anything.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    int hp, armour, unused;
} hero = {.hp = 10, .armour = 2};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hero.hp = 7;
        hero.armour = 22;
    }
    if (t->tick == 99999) {
        hero.unused = 1;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d", hero.hp, hero.armour + hero.unused);
    }
}

EDIT_GAME(Game);
