// expect: lost Game.a ... 1
// expect: lost Game.b ... 3
// expect: log 0 2 0
#include "edit.h"

typedef struct Game {
    int c;
    int score;
    int d;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->c, g->score, g->d);
}
