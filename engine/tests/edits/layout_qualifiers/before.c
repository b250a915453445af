// Fields become const, volatile and atomic, and such ones become plain: they are the same fields.
#include "edit.h"

typedef int Hp;

typedef struct Game {
    int a;
    volatile int b;
    _Atomic int c;
    Hp d;
    const char *e;
    int f[3];
} Game;

EDIT_FILL(Game)
{
    g->a = 1;
    g->b = 2;
    g->c = 3;
    g->d = 4;
    g->e = "five";
    g->f[2] = 6;
}
