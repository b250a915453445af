// expect: lost Game.body.old ... 3
// expect: log 1 2
#include "edit.h"

typedef struct Game {
    int score;
    struct {
        int x;
    } body;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->score, g->body.x);
}
