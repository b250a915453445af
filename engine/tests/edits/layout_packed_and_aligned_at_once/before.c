// A packed struct becomes a plain one, an aligned one asks for more, in the heap and in variables.
#include "edit.h"

typedef struct __attribute__((packed)) Rec {
    char k;
    int v;
    struct Rec *next;
    short s[3];
} Rec;
typedef struct Al {
    char a;
    _Alignas(32) float m[4];
} Al;
typedef struct Game {
    Rec *r;
    Al *al;
    float *pm;
} Game;
static Rec grec;
static _Alignas(64) int gal[3];
EDIT_FILL(Game)
{
    g->r = hl_new(t, Rec, 3);
    EACH(3)
    {
        g->r[i].k = 'k';
        g->r[i].v = 1000 + i;
        g->r[i].next = &g->r[2 - i];
        g->r[i].s[2] = (short)i;
    }
    g->al = hl_new(t, Al, 2);
    g->al[1].m[3] = 1.5f;
    g->pm = &g->al[1].m[3];
    grec.v = 7;
    grec.next = &g->r[1];
    gal[2] = 3;
    hl_log(t, "%d %d", grec.v, gal[2]);
}
