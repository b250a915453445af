// expect: lost Game.hp ... 50
// expect: log 0 0 60
#include "edit.h"

typedef struct Hp {
    int now, most;
} Hp;
typedef struct Game {
    Hp hp;
    int x;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->hp.now, g->hp.most, g->x);
}
