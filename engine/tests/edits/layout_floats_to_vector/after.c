// expect: migrated 0 lost
// expect: log 2.5 3.5 1
#include "edit.h"

typedef struct Game {
    hl_vec2 pos;
    int score;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%g %g %d", (double)g->pos.x, (double)g->pos.y, g->score);
}
