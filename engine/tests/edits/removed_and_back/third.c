// expect: log newest fine
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int coins = 5;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        coins = 55;
    }
    if (t->reloaded) {
        hl_log(t, "newest %s", coins == 5 || coins == 55 ? "fine" : "rubbish");
    }
}

EDIT_GAME(Game);
