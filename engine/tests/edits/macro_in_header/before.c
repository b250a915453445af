// An initialiser that is a macro of a header is changed there.
#include "edit.h"
#include "world.h"

typedef struct Game {
    int unused;
} Game;

static int gravity = GRAVITY;
static int mass = 3;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        gravity = 99;
        mass = 33;
    }
    if (t->tick == 2 || t->reloaded) {
        hl_log(t, "%d %d", gravity, mass);
    }
}

EDIT_GAME(Game);
