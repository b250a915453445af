// expect: refused-or Game.as
// expect: log 5 6 0 7
#include "edit.h"

typedef struct Game {
    union {
        int items[4];
        char text[8];
    } as;
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->as.items[0], g->as.items[1], g->as.items[3], g->end);
}
