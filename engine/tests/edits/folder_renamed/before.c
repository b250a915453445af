// rules/ becomes laws/: the statics of its two files have one name, and each goes on in its
// file.
#include "animals.h"
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        fox_count(10);
        hen_count(20);
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d", fox_count(0), hen_count(0));
    }
}

EDIT_GAME(Game);
