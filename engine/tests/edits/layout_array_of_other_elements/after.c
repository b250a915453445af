// expect: lost Game.b ... 40000
// expect: log -1 2 -3 4 -128
// expect: log 1 32767 -32768 0
// expect: log 1 2 3 4
// expect: log 5 6 -7
#include "edit.h"

typedef struct Game {
    int a[5];
    short b[4];
    double c[2][2];
    int d[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %d", g->a[0], g->a[1], g->a[2], g->a[3], g->a[4]);
    hl_log(t, "%d %d %d %d", g->b[0], g->b[1], g->b[2], g->b[3]);
    hl_log(t, "%g %g %g %g", g->c[0][0], g->c[0][1], g->c[1][0], g->c[1][1]);
    hl_log(t, "%d %d %d", g->d[0], g->d[1], g->d[2]);
}
