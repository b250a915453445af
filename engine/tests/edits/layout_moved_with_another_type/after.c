// expect: perhaps lost Game.x ... 2
// expect: perhaps lost Game.y ... 3
// expect: log 1
// expect: log 1
#include "edit.h"

typedef struct Game {
    int score;
    struct {
        float x, y;
    } pos;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", g->score);
    hl_log(t, "%d", (g->pos.x == 0 && g->pos.y == 0) || (g->pos.x == 2 && g->pos.y == 3));
}
