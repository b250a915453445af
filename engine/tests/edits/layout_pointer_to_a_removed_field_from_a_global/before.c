// Globals point to a field that is taken out, to an element that is cut off, and to one that stays.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    int hp, armor;
    int items[3];
};

static int *armor, *item, *hp;

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->mob = hl_new(t, Mob, 1);
    hp = &g->mob->hp;
    armor = hp + 1;
    item = &g->mob->items[0] + 2;
    *hp = 6;
}

static void tell(Game *g, hl_tick *t)
{
    hl_log(t, "%d %d %d", armor == NULL, item == NULL || item == g->mob->items + 2, *hp);
}
