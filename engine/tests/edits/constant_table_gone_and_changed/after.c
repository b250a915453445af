// expect: lost Game.op ... OPS[1]
// expect: log 1 3
#include "edit.h"

typedef struct Op {
    int cost;
    const char *name;
} Op;
typedef struct Game {
    int n;
    const Op *op;
    const Op *same;
} Game;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->op == NULL, g->n);
}
