// expect: log 1 3 1
#include "edit.h"

typedef struct Game Game;

struct Game {
    int hp;
    int armor;
    int x;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->hp, g->x, g->armor == 0 || g->armor == 22);
}
