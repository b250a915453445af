// expect: lost long_name
// expect: carried short_name
// expect: log new xxx
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static char long_name[8];
static char short_name[8];

static void update(Game *g, hl_tick *t)
{
    (void)g;
    for (int i = 0; t->tick == 1 && i < 12 && i < (int)sizeof(long_name) - 1; i++) {
        long_name[i] = (char)('a' + i);
        short_name[i] = i < 3 ? 'x' : 0;
    }
    if (t->tick == 2) {
        hl_log(t, "new %s", long_name);
    }
    if (t->reloaded) {
        hl_log(t, "new %s", short_name);
    }
}

EDIT_GAME(Game);
