// expect: lost many[2]
// expect: carried one
// expect: log new 11 2 3 44
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int one[3] = {1, 2, 3};
static int many = 4;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        one[0] = 11;
        one[1] = one[2] = 0;
        many = 44;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %d", one[0], one[1], one[2], many);
    }
}

EDIT_GAME(Game);
