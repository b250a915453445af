// Numbers become pointers and pointers numbers, in the state and in variables: named.
#include "edit.h"

typedef struct Game {
    long addr;
    int *ptr;
    void *v;
    int hp;
} Game;
static long gl;
static int *gp;
static int target = 1;
EDIT_FILL(Game)
{
    g->addr = 4096;
    g->ptr = &target;
    g->v = &target;
    gl = 77;
    gp = &target;
    g->hp = 3;
    hl_log(t, "%ld %d", gl, *gp);
}
