// expect: carried score
// expect: carried list
// expect: log new 1
// do: pause
// do: seek 2
// do: resume
// expect: log new tick 3 after 2 6 1
#include "edit.h"

typedef struct Game {
    int last;
    int *at;
} Game;

static int list[5];
static int score;

static void update(Game *g, hl_tick *t)
{
    score = (int)t->tick;
    list[1] = 2 * score;
    if (t->tick == 1) {
        g->at = &list[1];
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "new %d", score == (int)t->tick);
    }
    if (t->tick == 3) {
        hl_log(t, "new tick 3 after %d %d %d", g->last, *g->at, g->at == &list[1]);
    }
    g->last = score;
}

EDIT_GAME(Game);
