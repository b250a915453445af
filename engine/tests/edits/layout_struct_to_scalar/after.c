// expect: lost Game.hp ... 50
// expect: log 0 60
#include "edit.h"

typedef struct Game {
    int hp;
    int x;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->hp, g->x);
}
