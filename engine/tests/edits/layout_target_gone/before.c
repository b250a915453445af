// Pointers to a field that is taken out, and to an element that is cut off, become NULL, and are
// named.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
    int *armor, *item, *hp;
} Game;

struct Mob {
    int hp, armor;
    int items[4];
};

EDIT_FILL(Game)
{
    g->mob = hl_new(t, Mob, 1);
    g->armor = &g->mob->armor;
    g->item = &g->mob->items[3];
    g->hp = &g->mob->hp;
    *g->hp = 5;
}
