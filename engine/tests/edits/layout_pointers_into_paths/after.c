// expect: refused-or Game
// expect: log 1 1 1 1 1 1 1
// expect: log 1 1
#include "edit.h"

typedef struct P {
    float x, z, y;
} P;
typedef struct Path {
    int n;
    P pts[7];
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
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %d %d %d", g->cur == &g->paths[1].pts[3] && g->cur->y == 5,
           g->end == g->paths[1].pts + 5, g->y == &g->paths[1].pts[3].y, g->pend == g->paths + 3,
           g->any == &g->paths[2].pts[1], g->start == &g->paths[1], g->cp == g->cur + 1);
    hl_log(t, "%d %d", gend == g->paths[2].pts + 2, gy == &g->paths[0].pts[4].y);
}
