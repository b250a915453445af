// expect: carried same
// expect: changed other
// expect: log new 30 20 1
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int more[100] = {1};
static int c = 3, b = 2, a = 1;
static int *same = &a;
static int *other = &b;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        a = 10;
        b = 20;
        c = 30;
        same = &c;
        other = &c;
        more[t->tick % 100] = 1;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d", *same, *other, same == &c);
        more[t->tick % 100] += more[1];
    }
}

EDIT_GAME(Game);
