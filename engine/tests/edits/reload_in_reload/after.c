// expect: carried score
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int gap[50] = {1};
static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 99999) {
        score = gap[5];
        gap[5] = 2;
    }
    if (t->reloaded) {
        score++;
    }
}

EDIT_GAME(Game);
