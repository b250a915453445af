// expect: perhaps lost Game.body.hp ... 1
// expect: log 2 3
// expect: log 1
#include "edit.h"

typedef struct Game {
    struct {
        int x;
    } body;
    struct {
        int color, hp;
    } look;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->body.x, g->look.color);
    hl_log(t, "%d", g->look.hp == 0 || g->look.hp == 1);
}
