// Behind an edit of its structs the game is started afresh.
#include "edit.h"

typedef struct Game Game;

struct Game {
    int score;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        hl_log(t, "old begins with %d", g->score);
        g->score = 40;
    }
}

EDIT_GAME(Game);
