// expect: lost Game.addr ... 4096
// expect: lost Game.ptr
// expect: lost gl ... 77
// expect: lost gp
// expect: log 1 0 1 1 0 3
#include "edit.h"

typedef struct Game {
    int *addr;
    long ptr;
    int *v;
    int hp;
} Game;
static int *gl;
static long gp;
static int target = 1;
EDIT_TELL(Game)
{
    hl_log(t, "%d %ld %d %d %ld %d", g->addr == 0, g->ptr, g->v == &target, gl == 0, gp, g->hp);
}
