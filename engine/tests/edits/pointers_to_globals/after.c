// expect: carried single
// expect: carried list
// expect: carried bodies
// expect: log new 12 55 77 8
// expect: log new 1 1
#include "edit.h"

typedef struct Game {
    int *single, *element, *end;
    short *y;
} Game;

typedef struct Body {
    double radius;
    short y, x;
    int mass;
} Body;
static Body bodies[4];
static char room[1000];
static int list[12];
static int single = 1;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        single = 10;
        list[5] = 55;
        bodies[1].y = 77;
        room[t->tick] = 1;
        g->single = &single;
        g->element = &list[5];
        g->end = list + 8;
        g->y = &bodies[1].y;
    }
    if (t->reloaded) {
        *g->single += 1 + room[5];
        hl_log(t, "new %d %d %d %d", single, *g->element, *g->y, (int)(g->end - list));
        hl_log(t, "new %d %d", g->element == &list[5], g->y == &bodies[1].y);
    }
}

EDIT_GAME(Game);
