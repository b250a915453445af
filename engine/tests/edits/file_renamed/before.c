// jump.c becomes hop.c: its statics and a pointer to its static function follow.
#include "edit.h"
#include "jump.h"

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
