// expect: lost cost[3]
// expect: carried empty
// expect: log new 10 sum 13
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int cost[2] = {1, 2};
static int empty[2];

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        cost[0] = 10;
        cost[3] = 40;
        empty[0] = 1;
    }
    if (t->reloaded) {
        int sum = 0;
        for (size_t i = 0; i < sizeof(cost) / sizeof(cost[0]); i++) {
            sum += cost[i] + empty[i];
        }
        hl_log(t, "new %d sum %d", cost[0], sum);
    }
}

EDIT_GAME(Game);
