// expect: carried score
// do: step
// expect: log new score 40
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
    if (t->reloaded) {
        hl_log(t, "new score %d", score);
    }
}

EDIT_GAME(Game);
