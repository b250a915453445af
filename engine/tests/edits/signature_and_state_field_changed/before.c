// A function and the field of the state that points to it get the same new parameter: it is
// called with it.
#include "edit.h"
#define ARGUMENT

typedef struct Action {
    int turn;
    void (*act)(hl_tick *t);
} Action;

typedef struct Game {
    void (*act)(hl_tick *t);
    Action list[3];
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->act = hop;
        g->list[1].act = hop;
    }
    if (t->reloaded) {
        g->act(t ARGUMENT);
        g->list[1].act(t ARGUMENT);
    }
}

EDIT_GAME(Game);
