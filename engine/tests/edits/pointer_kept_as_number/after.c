// expect: carried value
// expect: carried at
// expect: log new 1
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static char gap[500];
static uintptr_t at;
static int value = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    gap[t->tick % 500] = 1;
    if (t->tick == 99999) {
        value = gap[4];
        at = (uintptr_t)&value;
    }
    if (t->reloaded) {
        hl_log(t, "new %d", at == (uintptr_t)&value);
    }
}

EDIT_GAME(Game);
