// expect: lost Game.body ... 4
// expect: lost Game.other
// expect: log 1 0 0 7
#include "edit.h"

typedef struct Body {
    int x, y;
} Body;

typedef struct Game {
    Body *body;
    Body other;
    int score;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->body == NULL, g->other.x, g->other.y, g->score);
}
