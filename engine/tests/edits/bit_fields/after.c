// expect: lost hero.big
// expect: log new 15 9 -4 4
#include "edit.h"
#define BIG 40

typedef struct Game {
    int unused;
} Game;

static struct {
    int mood : 5;
    unsigned lives : 9, hp : 4;
    unsigned big : 6;
} hero = {.hp = 1, .lives = 2, .mood = 3, .big = 4};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hero.hp = 15;
        hero.lives = 9;
        hero.mood = -4;
        hero.big = BIG;
    }
    if (t->tick == 2 || t->reloaded) {
        hl_log(t, "new %d %d %d %d", (int)hero.hp, (int)hero.lives, (int)hero.mood, (int)hero.big);
    }
}

EDIT_GAME(Game);
