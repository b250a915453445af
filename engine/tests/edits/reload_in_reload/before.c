// Two edits at once, the second before the first has run for long: the last one plays, with the
// values of the first.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        score = 40;
    }
    if (t->tick == 99999) {
        hl_log(t, "old %d", score);
    }
}

EDIT_GAME(Game);
