// expect: refused-or Game.heights
// expect: perhaps lost Game.heights
// expect: log 9 1
#include "edit.h"

typedef float Height;
#define NEW(t, n) hl_new(t, float, n)

typedef struct Game {
    Height *heights;
    int count;
} Game;

EDIT_TELL(Game)
{
    bool is_right = g->heights && COUNT(9, g->heights[i] == (float)(i * -4)) == 9;
    hl_log(t, "%d %d", g->count, !g->heights || is_right);
}
