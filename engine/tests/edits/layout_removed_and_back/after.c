// expect: lost Game.armor ... 22
// expect: log 1 3
#include "edit.h"

typedef struct Game Game;

struct Game {
    int hp;
    int x;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->hp, g->x);
}
