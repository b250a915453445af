// Only a global points to a text that the new build does not have, and no history keeps the old
// image: it stays for the text.
// do: options --history 0
#include "edit.h"

typedef struct Game {
    int since;
} Game;

static const char *word = "none";

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        word = "a text of the first build";
        hl_log(t, "old %s", word);
    }
    g->since++;
}

EDIT_GAME(Game);
