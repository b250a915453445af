// expect: migrated Game: +more
// expect: migrated 0 lost
// expect: log 2 0 0.75 9
#include "edit.h"

typedef struct Game {
    char kind;
    double more;
    union {
        int number;
        float part;
    };
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %g %g %d", g->kind, g->more, (double)g->part, g->end);
}
