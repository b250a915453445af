// expect: log new 1 22 33
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    int count;
    int values[];
} list = {3, {1, 2, 3}};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        list.values[1] = 22;
        list.values[2] = 33;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d", list.values[0], list.values[1], list.values[2]);
    }
}

EDIT_GAME(Game);
