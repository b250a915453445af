// Unions that hold a pointer or a text, in variables as well; what they point to moves.
#include "edit.h"

typedef struct Mob {
    int hp;
} Mob;
typedef union Ref {
    Mob *m;
    void *v;
    const char *s;
} Ref;
typedef struct Game {
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
EDIT_FILL(Game)
{
    g->m = hl_new(t, Mob, 3);
    g->m[2].hp = 6;
    g->r.m = g->m + 2;
    g->heap[1].s = "lit";
    gr.m = g->m + 2;
    gs[1].s = "two";
    boxed.r.m = g->m + 1;
    hl_log(t, "%d %s %d", gr.m->hp, gs[1].s, boxed.r.m->hp);
}
