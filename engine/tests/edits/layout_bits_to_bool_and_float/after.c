// expect: migrated 0 lost
// expect: log 1 -32 0 31
#include "edit.h"

typedef struct Game {
    bool a : 1;
    float b;
    bool d;
    unsigned c : 5;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %g %d %d", g->a, (double)g->b, g->d, g->c);
}
