// expect: carried score
// do: pause
// do: loop 2 5
// expect: log new 20
// expect: log new 20
// expect: log new 20
// do: hear no more
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int gap[20] = {1};
static int score;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 3) {
        hl_log(t, "new %d", score);
    }
    score = 10 * (int)t->tick + gap[4];
}

EDIT_GAME(Game);
