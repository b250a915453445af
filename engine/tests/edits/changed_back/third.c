// expect: changed speed
// expect: log newest 3
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int speed = 3;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        speed = 30;
    }
    if (t->reloaded) {
        hl_log(t, "newest %d", speed);
        speed += 100;
    }
}

EDIT_GAME(Game);
