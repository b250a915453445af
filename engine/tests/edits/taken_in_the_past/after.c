// expect: carried score
// do: resume
// expect: log new 20 in tick 3
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int more[20] = {1};
static int score;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->reloaded) {
        hl_log(t, "new %d in tick %d", score, (int)t->tick);
    }
    score = 10 * (int)t->tick + more[5];
}

EDIT_GAME(Game);
