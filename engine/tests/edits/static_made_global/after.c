// expect: carried a
// expect: carried b
// expect: log new 10 20
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

int a = 1;
static int b = 2;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        a = 10;
        b = 20;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d", a, b);
    }
}

EDIT_GAME(Game);
