// expect: refused-or Game
// expect: perhaps lost Value
// expect: log 1 0.75 -5 2
#include "edit.h"

typedef union Value {
    float part;
    int number;
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
