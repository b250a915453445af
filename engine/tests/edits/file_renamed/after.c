// expect: carried height
// expect: carried act.calls
// expect: log new act 14 3
#include "edit.h"
#include "jump.h"
// jump.c is hop.c now.

typedef struct Game {
    JumpAction *act;
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = jump_action();
        g->act(t, 4);
    }
    if (t->reloaded) {
        g->act(t, 0);
    }
}

EDIT_GAME(Game);
