// Structs of functions that are constants: a pointer to one calls the new functions.
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
    hl_log(t, "old hop");
}
static const Ops HOP = {"hop", hop};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->ops = &HOP;
    }
    if (t->reloaded) {
        hl_log(t, "old %s", g->ops->name);
        g->ops->act(t);
    }
}

EDIT_GAME(Game);
