// expect: changed table[2]
// expect: log new b
// expect: log new a
// expect: log new b
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static void c(hl_tick *t)
{
    hl_log(t, "new c");
}
static void a(hl_tick *t)
{
    hl_log(t, "new a");
}
static void b(hl_tick *t)
{
    hl_log(t, "new b");
}
static void (*table[])(hl_tick *t) = {a, b, b};

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
