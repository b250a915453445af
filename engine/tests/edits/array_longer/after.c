// expect: carried cost
// expect: log new 10 20 sum 37
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int cost[] = {1, 2, 3, 4};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        cost[0] = 10;
        cost[1] = 20;
    }
    if (t->reloaded) {
        int sum = 0;
        for (size_t i = 0; i < sizeof(cost) / sizeof(cost[0]); i++) {
            sum += cost[i];
        }
        hl_log(t, "new %d %d sum %d", cost[0], cost[1], sum);
    }
}

EDIT_GAME(Game);
