// expect: refused-or Game
// expect: log 1 1234567 3
#include "edit.h"

typedef struct Game {
    int kind;
    union {
        int number;
        double part;
        char bytes[8];
    };
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->kind, g->number, g->end);
}
