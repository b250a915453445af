// expect: migrated 0 lost
// expect: log 9 9
// expect: log 1
#include "edit.h"

typedef double Height;

typedef struct Game {
    Height *heights, *at;
    int count;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->count, COUNT(9, g->heights[i] == (double)(i * -4)));
    hl_log(t, "%d", g->at == &g->heights[4]);
}
