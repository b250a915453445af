// Five types change at once, each in another way, and most of them point to others.
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
    int x;
    B *b;
};
struct B {
    C *c[2];
    short y;
};
struct C {
    float z;
    struct {
        D *d;
    } in;
};
struct D {
    char name[4];
    E *e;
    A *a;
};
struct E {
    unsigned flags : 3;
    int w;
    double gone;
};

EDIT_FILL(Game)
{
    g->a = hl_new(t, A, 1);
    g->b = hl_new(t, B, 1);
    g->c = hl_new(t, C, 2);
    g->d = hl_new(t, D, 1);
    g->e = hl_new(t, E, 3);
    g->end = 9;
    *g->a = (A){1, g->b};
    *g->b = (B){{&g->c[1], NULL}, 2};
    g->c[1] = (C){3.5f, {g->d}};
    *g->d = (D){"Ann", &g->e[2], g->a};
    g->e[2] = (E){5, -6, 0};
}
