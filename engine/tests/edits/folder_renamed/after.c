// expect: log new 10 20
#include "animals.h"
#include "edit.h"
// They live elsewhere now.

typedef struct Game {
    int unused;
} Game;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        fox_count(10);
        hen_count(20);
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d", fox_count(0), hen_count(0));
    }
}

EDIT_GAME(Game);
