// expect: lost Game.pos.x ... 2
// expect: perhaps lost Game.pos.y ... 3
// expect: log 1
// expect: log 1
#include "edit.h"

typedef struct Game {
    int x;
    int y;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", g->x);
    hl_log(t, "%d", g->y == 3 || g->y == 0);
}
