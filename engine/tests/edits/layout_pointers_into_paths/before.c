// Pointers to elements of arrays in elements of arrays, to their ends and to their members.
#include "edit.h"

typedef struct P {
    float x, y;
} P;
typedef struct Path {
    P pts[5];
    int n;
} Path;
typedef struct Game {
    Path *paths;
    P *cur;
    P *end;
    float *y;
    Path *pend;
    void *any;
    void *start;
    const P *cp;
} Game;
static P *gend;
static float *gy;
EDIT_FILL(Game)
{
    g->paths = hl_new(t, Path, 3);
    g->paths[1].pts[3] = (P){4, 5};
    g->cur = &g->paths[1].pts[3];
    g->end = g->paths[1].pts + 5;
    g->y = &g->paths[1].pts[3].y;
    g->pend = g->paths + 3;
    g->any = &g->paths[2].pts[1];
    g->start = &g->paths[1];
    g->cp = g->cur + 1;
    gend = g->paths[2].pts + 2;
    gy = &g->paths[0].pts[4].y;
    hl_log(t, "%p %p", (void *)gend, (void *)gy);
}
