// expect: refused-or Game.scores
// expect: perhaps lost Game.scores
// expect: log 6 1
#include "edit.h"

typedef struct Game {
    long *scores;
    int count;
} Game;

EDIT_TELL(Game)
{
    bool is_right = g->scores && COUNT(6, g->scores[i] == -i) == 6;
    hl_log(t, "%d %d", g->count, !g->scores || is_right);
}
