// Texts in the state: an untouched one stays, a changed or removed one can still be read.
#include "edit.h"
#include <string.h>

typedef struct Game {
    const char *same, *other, *gone, *middle;
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->same = "the same";
        g->other = "changed soon";
        g->gone = "removed soon";
        g->middle = "in the middle" + 7;
    }
    if (t->reloaded) {
        hl_log(t, "old %s, %s", g->same, g->middle);
        hl_log(t, "old %d",
               strcmp(g->other, "changed soon") == 0 && strcmp(g->gone, "removed soon") == 0);
    }
}

EDIT_GAME(Game);
