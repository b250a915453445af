// Hundreds of pointers in memory of the state call the new code, each its own function.
#include "edit.h"

typedef int (*Times)(int x);
enum { COUNT = 2000 };

typedef struct Game {
    Times *all;
} Game;

static int twice(int x)
{
    return 2 * x;
}
static int thrice(int x)
{
    return 3 * x;
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
        hl_log(t, "old %d", sum);
    }
}

EDIT_GAME(Game);
