// A text that is too long for the shorter array is named; one that fits goes on.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static char long_name[32];
static char short_name[32];

static void update(Game *g, hl_tick *t)
{
    (void)g;
    for (int i = 0; t->tick == 1 && i < 12 && i < (int)sizeof(long_name) - 1; i++) {
        long_name[i] = (char)('a' + i);
        short_name[i] = i < 3 ? 'x' : 0;
    }
    if (t->tick == 2) {
        hl_log(t, "old %s", long_name);
    }
    if (t->reloaded) {
        hl_log(t, "old %s", short_name);
    }
}

EDIT_GAME(Game);
