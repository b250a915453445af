// expect: carried total
// expect: carried count
// expect: log new 50 10
#include "edit.h"
#include "rules.h"

typedef struct Game {
    int unused;
} Game;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        total = 50;
        (void)counted(9);
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d", total, counted(0));
    }
}

EDIT_GAME(Game);
