// A text of the first build is read in the third, although two builds do not have it.
#include "edit.h"

typedef struct Game {
    const char *text;
} Game;

static const char *word = "none";

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->text = "from the first build";
        word = "also from there";
    }
    if (t->reloaded) {
        hl_log(t, "old %s, %s", g->text, word);
    }
}

EDIT_GAME(Game);
