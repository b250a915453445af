// expect: log new 50000
#include "edit.h"

typedef int (*Times)(int x);
enum { COUNT = 2000 };

typedef struct Game {
    Times *all;
} Game;

static int thrice(int x)
{
    return 30 * x;
}
static int twice(int x)
{
    return 20 * x;
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->all = hl_new(t, Times, COUNT);
        for (int i = 0; i < COUNT; i++) {
            g->all[i] = i % 2 ? twice : thrice;
        }
    }
    if (t->reloaded) {
        int sum = 0;
        for (int i = 0; i < COUNT; i++) {
            sum += g->all[i](1);
        }
        hl_log(t, "new %d", sum);
    }
}

EDIT_GAME(Game);
