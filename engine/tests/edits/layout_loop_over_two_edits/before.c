// A loop goes over two edits, and each pass begins with the state of the first build.
#include "edit.h"

typedef struct Game Game;

struct Game {
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    g->hp = 10 * (int)t->tick;
}

EDIT_GAME(Game);
