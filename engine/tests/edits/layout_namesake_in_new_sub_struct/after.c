// expect: perhaps lost Game.y ... 2
// expect: log 1 3 0
// expect: log 1
#include "edit.h"

typedef struct Game {
    int x;
    struct {
        int x, y;
    } pos;
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->x, g->end, g->pos.x);
    hl_log(t, "%d", g->pos.y == 2 || g->pos.y == 0);
}
