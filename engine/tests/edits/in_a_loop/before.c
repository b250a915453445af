// Two ticks play over and over while the game is edited: each pass begins with the same
// variables, in the new code.
// do: pause
// do: loop 1 3
// do: pause
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    score += 1;
    if (t->tick == 99999) {
        hl_log(t, "old %d", score);
    }
}

EDIT_GAME(Game);
