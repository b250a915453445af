// expect: lost Game.size
// expect: log new a text of the first build 3
#include "edit.h"

typedef struct Game {
    int since;
    const char *word;
    const int *size;
} Game;

static void update(Game *g, hl_tick *t)
{
    g->since = t->reloaded ? 0 : g->since + 1;
    if (g->since == 70) {
        hl_log(t, "new %s %d", g->word, g->size ? *g->size : 3);
    }
}

EDIT_GAME(Game);
