// A pointer goes on pointing to what the game has chosen, until another target is typed.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int a = 1, b = 2, c = 3;
static int *same = &a;
static int *other = &a;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        a = 10;
        b = 20;
        c = 30;
        same = &c;
        other = &c;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d", *same, *other, same == &c);
    }
    if (t->tick == 2) {
        hl_log(t, "old %d %d", a, b);
    }
}

EDIT_GAME(Game);
