// Two edits rename a field, one by guess and one by HL_WAS; time is turned back to before both.
#include "edit.h"

typedef struct Game Game;

struct Game {
    int x;
    int hp;
};

static void update(Game *g, hl_tick *t)
{
    g->hp = 10 * (int)t->tick;
    g->x = 5;
}

EDIT_GAME(Game);
