// expect: log new the same, middle
// expect: log new 1
#include "edit.h"
#include <string.h>

typedef struct Game {
    const char *same, *other, *gone, *middle;
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->gone = "a new one in front";
        g->same = "the same";
        g->other = "it has been changed";
        g->middle = "in the middle" + 7;
    }
    if (t->reloaded) {
        hl_log(t, "new %s, %s", g->same, g->middle);
        hl_log(t, "new %d",
               (g->other[0] == 'c' || g->other[0] == 'i') && strncmp(g->gone, "removed", 7) == 0);
    }
}

EDIT_GAME(Game);
