// expect: migrated 55 objects moved, 0 lost
// expect: log 6
// expect: log 6
// expect: log 0
#include "edit.h"

typedef struct Shot Shot;
typedef struct Game {
    Shot *shots[6];
} Game;

struct Shot {
    float x;
    Shot *hit;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(6, i == 0 || g->shots[i][i * i - 1].x == (float)i));
    hl_log(t, "%d", COUNT(6, i == 0 || g->shots[i][i * i - 1].hit == NULL));
    g->shots[0] = hl_resize(t, g->shots[0], Shot, 3);
    hl_log(t, "%g", (double)g->shots[0][2].x);
}
