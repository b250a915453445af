// expect: refused-or Game.number
// expect: perhaps lost Game
// expect: log 1 3
// expect: log 1
#include "edit.h"

typedef struct Game {
    int kind;
    int number;
    float part;
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->kind, g->end);
    hl_log(t, "%d", g->number == 77 || g->number == 0);
}
