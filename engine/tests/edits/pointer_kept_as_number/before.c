// An address in an integer of the right size: it follows, or is named; never a crash of the
// swap.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int value = 1;
static uintptr_t at;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        value = 7;
        at = (uintptr_t)&value;
    }
    if (t->reloaded) {
        hl_log(t, "old %d", at == (uintptr_t)&value);
    }
}

EDIT_GAME(Game);
