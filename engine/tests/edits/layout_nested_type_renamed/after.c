// expect: migrated 0 lost
// expect: log 1 2 0
// expect: log 3 4
// expect: log 5 6
// expect: log 7 8
// expect: log 9
#include "edit.h"

typedef struct Shape {
    float y, x;
    int kind;
} Shape;
typedef struct Game {
    Shape body;
    Shape trail[3];
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%g %g %d", (double)g->body.x, (double)g->body.y, g->body.kind);
    EACH(3)
    {
        hl_log(t, "%g %g", (double)g->trail[i].x, (double)g->trail[i].y);
    }
    hl_log(t, "%d", g->end);
}
