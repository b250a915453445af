// expect: migrated In: +b; Kind: +CAT; 1 object moved, 0 lost
// expect: log 5 1 4 9
#include "edit.h"

typedef enum Kind { CAT, FOX, HEN } Kind;
typedef struct In {
    short a;
    short b;
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
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->in[2].a, g->kind == HEN, g->u.i, g->last);
}
