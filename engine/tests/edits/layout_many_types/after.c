// expect: migrated A:
// expect: migrated 0 lost
// expect: log 1 2 3.5 Ann
// expect: log 5 -6 1 0
// expect: log 1 1 9
#include "edit.h"

#define TYPES(T_)   T_(A) T_(B) T_(C) T_(D) T_(E)
#define DECLARE(N_) typedef struct N_ N_;
TYPES(DECLARE)
typedef struct Game {
    A *a;
    B *b;
    C *c;
    D *d;
    E *e;
    int end;
} Game;

struct A {
    B *b;
    int x;
};
struct B {
    C *c[3];
    int y;
};
struct C {
    D *d;
    double z;
};
struct D {
    char name[8];
    A *a;
    E *e;
    int more;
};
struct E {
    unsigned flags : 5;
    float w;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %g %s", g->a->x, g->a->b->y, g->a->b->c[0]->z, g->a->b->c[0]->d->name);
    D *d = g->a->b->c[0]->d;
    hl_log(t, "%d %g %d %d", d->e->flags, (double)d->e->w, d->a == g->a, d->more);
    hl_log(t, "%d %d %d", d->e == &g->e[2], g->b->c[1] == NULL && !g->b->c[2], g->end);
}
