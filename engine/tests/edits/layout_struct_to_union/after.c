// expect: lost Game.as ... 7
// expect: log 0 9
#include "edit.h"

typedef struct Game {
    union {
        int a, b;
    } as;
    int c;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->as.a, g->c);
}
