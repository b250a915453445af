// The same for a text that the state points to, and a table of constants that is gone.
// do: options --history 0
#include "edit.h"

typedef struct Game {
    int since;
    const char *word;
    const int *size;
} Game;

static const int SIZES[] = {1, 2, 3, 4};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->word = "a text of the first build";
        g->size = &SIZES[2];
    }
    g->since++;
}

EDIT_GAME(Game);
