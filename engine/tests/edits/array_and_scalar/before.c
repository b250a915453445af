// A number becomes an array with it as its first element; an array becomes its first element.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int one = 1;
static int many[3] = {4, 5, 6};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        one = 11;
        many[0] = 44;
        many[2] = 66;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d", one, many[0], many[2]);
    }
}

EDIT_GAME(Game);
