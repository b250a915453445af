// expect: refused-or r
// expect: log 1 lit 1 two 1
#include "edit.h"

typedef struct Mob {
    long k;
    int hp;
} Mob;
typedef union Ref {
    Mob *m;
    void *v;
    const char *s;
} Ref;
typedef struct Game {
    int z;
    Mob *m;
    Ref r;
    Ref heap[2];
} Game;
static Ref gr;
static Ref gs[2];
static struct {
    int kind;
    Ref r;
} boxed = {1, {.s = "hi"}};
EDIT_TELL(Game)
{
    hl_log(t, "%d %s %d %s %d", g->r.m == g->m + 2 && g->r.m->hp == 6, g->heap[1].s,
           gr.m == g->m + 2, gs[1].s, boxed.r.m == g->m + 1);
}
