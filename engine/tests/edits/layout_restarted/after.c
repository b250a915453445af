// expect: migrated Game: +lives
// expect: log new 40
// do: restart
// expect: log new begins with 0 40
#include "edit.h"

typedef struct Game Game;

struct Game {
    int lives[40];
    long score;
};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        hl_log(t, "new begins with %ld %d", g->score, COUNT(40, g->lives[i] == 0));
    }
    if (t->reloaded && t->tick > 1) {
        hl_log(t, "new %ld", g->score);
        g->lives[39] = 5;
    }
}

EDIT_GAME(Game);
