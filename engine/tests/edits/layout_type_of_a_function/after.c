// expect: refused-or Local
// expect: log 7
// expect: log 5
#include "edit.h"

typedef struct Game {
    void *mine;
    int score;
} Game;

typedef struct Local {
    int more;
    int a;
} Local;

EDIT_TELL(Game)
{
    Local *mine = g->mine;
    hl_log(t, "%d", g->score);
    hl_log(t, "%d", mine[1].a);
}
