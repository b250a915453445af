// expect: carried score
// expect: log new 40
// do: restart
// expect: log new begins with 1
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int more[20];
static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        hl_log(t, "new begins with %d", score + more[3]);
        score += 39;
        more[3] = 5;
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "new %d", score);
    }
}

EDIT_GAME(Game);
