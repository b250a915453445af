// expect: lost Game.a ... 7
// expect: log 0 2
#include "edit.h"

typedef struct Game {
    float b;
    int score;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%g %d", (double)g->b, g->score);
}
