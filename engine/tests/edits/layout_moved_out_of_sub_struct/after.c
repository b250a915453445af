// expect: migrated 0 lost
// expect: log 1 2.5 3.5 Bob 4
#include "edit.h"

typedef struct Game {
    int score;
    char name[6];
    int end;
    float x, y;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %g %g %s %d", g->score, (double)g->x, (double)g->y, g->name, g->end);
}
