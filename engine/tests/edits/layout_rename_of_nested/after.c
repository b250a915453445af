// expect: migrated 0 lost
// expect: log 1 2 3
// expect: log 4 6
#include "edit.h"

typedef struct Body {
    float y, left;
} Body;
typedef struct Game {
    Body body;
    Body all[2];
    int points;
} Game;
HL_WAS(Body, left, x);
HL_WAS(Game, points, score);

EDIT_TELL(Game)
{
    hl_log(t, "%d %g %g", g->points, (double)g->body.left, (double)g->body.y);
    hl_log(t, "%g %g", (double)g->all[0].left, (double)g->all[1].left);
}
