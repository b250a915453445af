// expect: lost Game.a
// expect: lost Game.b ... 5
// expect: log 0 1 6
#include "edit.h"

typedef struct Game {
    long a;
    int *b;
    int c;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%ld %d %d", g->a, g->b == NULL, g->c);
}
