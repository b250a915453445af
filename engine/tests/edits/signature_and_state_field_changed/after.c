// expect: log new hop fox
// expect: log new hop fox
#include "edit.h"
#define ARGUMENT , "fox"

typedef struct Action {
    int turn;
    void (*act)(hl_tick *t, const char *name);
} Action;

typedef struct Game {
    void (*act)(hl_tick *t, const char *name);
    Action list[3];
} Game;

static void hop(hl_tick *t, const char *name)
{
    hl_log(t, "new hop %s", name);
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
