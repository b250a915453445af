// expect: lost live
// expect: changed idle
// expect: carried a
// expect: log new NULL 10
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int a = 1;
static int *live = &a;
static int *idle = &a;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 99999) {
        a = 5;
        live = idle = NULL;
    }
    if (t->reloaded) {
        hl_log(t, "new %s %d", live ? "dangling" : "NULL", *idle);
    }
}

EDIT_GAME(Game);
