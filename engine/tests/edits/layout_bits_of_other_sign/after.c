// expect: lost Game.b ... -1
// expect: lost Game.d ... 8
// expect: log 7 0 7 7
#include "edit.h"

typedef struct Game {
    unsigned a : 4, b : 4;
    int c : 4, d : 4;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->a, g->b, g->c, g->d);
}
