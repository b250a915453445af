// Time has been turned back when the edit is saved: the variables are those of that moment.
// do: pause
// do: seek 2
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    score = 10 * (int)t->tick;
}

EDIT_GAME(Game);
