// Bit-fields go by name when they are widened, moved and narrowed.
#include "edit.h"
#define BIG 4000

typedef struct Game {
    int unused;
} Game;

static struct {
    unsigned hp : 4, lives : 4;
    int mood : 3;
    unsigned big : 12;
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
        hl_log(t, "old %d %d %d %d", (int)hero.hp, (int)hero.lives, (int)hero.mood, (int)hero.big);
    }
}

EDIT_GAME(Game);
