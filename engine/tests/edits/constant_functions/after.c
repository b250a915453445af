// expect: log new long hop
// expect: log new hop
#include "edit.h"

typedef struct Game {
    const struct Ops *ops, *more;
} Game;

typedef struct Ops {
    const char *name;
    void (*act)(hl_tick *t);
} Ops;
static void hop(hl_tick *t)
{
    hl_log(t, "new hop");
}
static const Ops OTHER = {"other", NULL};
static const Ops HOP = {"long hop", hop};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->ops = &HOP;
        g->more = &OTHER;
    }
    if (t->reloaded) {
        hl_log(t, "new %s", g->ops->name);
        g->ops->act(t);
    }
}

EDIT_GAME(Game);
