// expect: carried score
// expect: log new 1
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    const char *word;
} Game;

static double score;
static void hop(hl_tick *t)
{
    hl_log(t, "new hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new %d", score == (double)t->tick - 1);
    }
    if (t->tick == 99999) {
        g->act = hop;
    }
    score = (double)t->tick;
}

EDIT_GAME(Game);
