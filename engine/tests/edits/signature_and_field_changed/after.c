// expect: carried act
// expect: log new hop fox
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static void hop(hl_tick *t, const char *name)
{
    hl_log(t, "new hop %s", name);
}
static void run(hl_tick *t, const char *name)
{
    hl_log(t, "new run %s", name);
}
static void (*act)(hl_tick *t, const char *name) = run;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        act = hop;
    }
    if (t->reloaded) {
        act(t, "fox");
    }
}

EDIT_GAME(Game);
