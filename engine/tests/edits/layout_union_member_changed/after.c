// expect: refused-or Game.as
// expect: log 2 0.75
#include "edit.h"

typedef struct Game {
    int kind;
    union {
        int number;
        double part;
    } as;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %g", g->kind, g->as.part);
}
