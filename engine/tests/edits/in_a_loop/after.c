// expect: carried score
// do: step 4
// expect: log new 103
// expect: log new 103
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int bonus = 100;
static int score;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    score += t->tick == 3 ? bonus + 1 : 1;
    bonus += t->tick == 99999;
    if (t->tick == 3) {
        hl_log(t, "new %d", score);
    }
}

EDIT_GAME(Game);
