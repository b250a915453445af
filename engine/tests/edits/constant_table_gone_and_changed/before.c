// A pointer into a table that is gone would read the old one as if it were laid out the new way.
#include "edit.h"

typedef struct Op {
    const char *name;
    int cost;
} Op;
typedef struct Game {
    const Op *op;
    const Op *same;
    int n;
} Game;
static const Op OPS[] = {{"twice", 2}, {"thrice", 3}};
EDIT_FILL(Game)
{
    g->op = &OPS[1];
    g->n = g->op->cost;
}
