// expect: migrated 0 lost
// expect: log 3
// expect: log 1234
#include "edit.h"

typedef struct A {
    int hp;
    short x, y;
} A;
typedef struct B {
    int kind;
    struct {
        int r, g, b;
    } color;
} B;

typedef struct Game {
    A as[3];
    B bs[2];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(3, g->as[i].hp == i && g->as[i].x == 10 + i && g->as[i].y == 20 + i));
    hl_log(t, "%d%d%d%d", g->bs[1].color.r, g->bs[1].color.g, g->bs[1].color.b, g->bs[1].kind);
}
