// expect: log newest hop
// expect: log newest hop
#include "edit.h"

typedef struct Far {
    char room[20000];
    void (*act)(hl_tick *t);
} Far;

typedef struct Game {
    void (*act)(hl_tick *t);
    Far *far;
} Game;

static void hop(hl_tick *t)
{
    hl_log(t, "newest hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        g->act(t);
        g->far->act(t);
    }
    if (t->tick == 99999) {
        g->act = hop;
    }
}

EDIT_GAME(Game);
