// expect: carried score
// expect: log newest 41
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->reloaded) {
        hl_log(t, "newest %d", score);
    }
    if (t->tick == 99999) {
        score = 2;
    }
}

EDIT_GAME(Game);
