// expect: lost Game.armor
// expect: lost Game.item
// expect: log 1 1
// expect: log 1 5
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
    int *armor, *item, *hp;
} Game;

struct Mob {
    int items[2];
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->armor == NULL, g->item == NULL);
    hl_log(t, "%d %d", g->hp == &g->mob->hp, g->mob->hp);
}
