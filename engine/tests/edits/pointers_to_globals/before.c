// Pointers of the state to globals: to a whole one, into its middle, into a struct, one past its
// end.
#include "edit.h"

typedef struct Game {
    int *single, *element, *end;
    short *y;
} Game;

typedef struct Body {
    short x, y;
    int mass;
} Body;
static int single = 1;
static int list[8];
static Body bodies[3];

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        single = 10;
        list[5] = 55;
        bodies[1].y = 77;
        g->single = &single;
        g->element = &list[5];
        g->end = list + 8;
        g->y = &bodies[1].y;
    }
    if (t->reloaded) {
        *g->single += 1;
        hl_log(t, "old %d %d %d %d", single, *g->element, *g->y, (int)(g->end - list));
        hl_log(t, "old %d %d", g->element == &list[5], g->y == &bodies[1].y);
    }
}

EDIT_GAME(Game);
