// A table of functions that the game has turned round stays so, in the new code; one entry is
// typed anew.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static void a(hl_tick *t)
{
    hl_log(t, "old a");
}
static void b(hl_tick *t)
{
    hl_log(t, "old b");
}
static void c(hl_tick *t)
{
    hl_log(t, "old c");
}
static void (*table[])(hl_tick *t) = {a, b, c};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        table[0] = b;
        table[1] = a;
        table[2] = a;
    }
    for (int i = 0; t->reloaded && i < 3; i++) {
        table[i](t);
    }
}

EDIT_GAME(Game);
