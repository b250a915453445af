// expect: carried word
// expect: log new a text of the first build
#include "edit.h"

typedef struct Game {
    int since;
} Game;

static const char *word = "none";

static void update(Game *g, hl_tick *t)
{
    g->since = t->reloaded ? 0 : g->since + 1;
    if (g->since == 70) {
        hl_log(t, "new %s", word);
    }
    if (t->tick == 99999) {
        word = "another";
    }
}

EDIT_GAME(Game);
