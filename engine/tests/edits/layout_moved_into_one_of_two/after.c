// expect: lost Game.x ... 7
// expect: log 8 0 0
#include "edit.h"

typedef struct Point {
    int x;
    int more;
} Point;
typedef struct Game {
    int score;
    Point from, to;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->score, g->from.x, g->to.x);
}
