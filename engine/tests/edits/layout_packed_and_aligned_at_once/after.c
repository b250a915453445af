// expect: log 3 1 1 0
// expect: log 7 1 3
#include "edit.h"

typedef struct Rec {
    struct Rec *next;
    short s[4];
    long v;
    char k;
} Rec;
typedef struct Al {
    _Alignas(64) double m[4];
    char a, b;
} Al;
typedef struct Game {
    Al *al;
    Rec *r;
    double *pm;
} Game;
static Rec grec;
static _Alignas(16) long gal[4];
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d",
           COUNT(3, g->r[i].k == 'k' && g->r[i].v == 1000 + i && g->r[i].next == &g->r[2 - i]
                        && g->r[i].s[2] == i),
           g->al[1].m[3] == 1.5, g->pm == &g->al[1].m[3], (int)((uintptr_t)g->al % 64));
    hl_log(t, "%ld %d %ld", grec.v, grec.next == &g->r[1], gal[2]);
}
