// expect: changed speed
// expect: log new 5
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int speed = 5;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        speed = 30;
    }
    if (t->reloaded) {
        hl_log(t, "new %d", speed);
        speed += 100;
    }
}

EDIT_GAME(Game);
