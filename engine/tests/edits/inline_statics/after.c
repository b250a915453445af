// expect: log new 4 2
#include "edit.h"
#include "next.h"
// An edit.

typedef struct Game {
    int unused;
} Game;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick <= 3) {
        (void)next_number();
    }
    if (t->tick == 2) {
        (void)rules_number();
    }
    if (t->reloaded && t->tick > 3) {
        hl_log(t, "new %d %d", next_number(), rules_number());
    }
}

EDIT_GAME(Game);
