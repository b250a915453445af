// What the state consists of changed, and not the state's own struct: the line does not name that.
#include "edit.h"

typedef enum Kind { FOX, HEN } Kind;
typedef struct In {
    short a;
} In;
typedef union U {
    int i;
    char c[8];
} U;
typedef struct Game {
    In in[3];
    Kind kind;
    U u;
    int last;
} Game;
EDIT_FILL(Game)
{
    g->in[2].a = 5;
    g->kind = HEN;
    g->u.i = 4;
    g->last = 9;
}
