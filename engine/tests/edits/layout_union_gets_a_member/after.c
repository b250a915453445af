// expect: log 1 0.75 -5 2
#include "edit.h"

typedef union Value {
    double large[3];
    int number;
    float part;
} Value;

typedef struct Game {
    int kind;
    Value a, b;
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %g %d %d", g->kind, (double)g->a.part, g->b.number, g->end);
}
