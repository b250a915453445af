// A static in an inline function of a header is one for each file.
#include "edit.h"
#include "next.h"

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
        hl_log(t, "old %d %d", next_number(), rules_number());
    }
}

EDIT_GAME(Game);
