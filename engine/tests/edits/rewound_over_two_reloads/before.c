// Three builds, and time is turned back to the first: values and pointers of then, in the newest
// code.
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    const char *word;
} Game;

static int score;
static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}

static void update(Game *g, hl_tick *t)
{
    score = (int)t->tick;
    if (t->tick == 1) {
        g->act = hop;
        g->word = "word of the first";
    }
}

EDIT_GAME(Game);
