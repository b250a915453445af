// expect: changed hero.speed
// expect: log new 10 2 3 40 55
// expect: log new 9 3 7
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int cost[5] = {1, 2, 3, 4, 55};
static struct {
    int hp, speed, still;
} hero = {10, 3, 7};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        cost[0] = 10;
        cost[3] = 40;
        hero.hp = 9;
        hero.speed = 8;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %d %d", cost[0], cost[1], cost[2], cost[3], cost[4]);
        hl_log(t, "new %d %d %d", hero.hp, hero.speed, hero.still);
    }
}

EDIT_GAME(Game);
