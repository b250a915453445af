// While a function is gone the game copies the pointer to it elsewhere: the copy calls it, too,
// when it is back.
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
    hl_log(t, "old hop");
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->far = hl_new(t, Far, 1);
        g->act = hop;
    }
}

EDIT_GAME(Game);
