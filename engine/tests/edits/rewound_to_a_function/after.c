// expect: log new run
// do: pause
// do: seek 2
// do: resume
// expect: log new hop
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static void run(hl_tick *t)
{
    hl_log(t, "new run");
}
static void hop(hl_tick *t)
{
    hl_log(t, "new hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
    }
    if (t->tick == 4) {
        g->act = run;
    }
    if ((t->reloaded && t->tick > 3) || t->tick == 3) {
        g->act(t);
    }
}

EDIT_GAME(Game);
