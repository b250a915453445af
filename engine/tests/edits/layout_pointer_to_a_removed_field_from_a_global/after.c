// expect: lost armor
// expect: perhaps lost item
// expect: log 1 1 6
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    int items[2];
    int hp;
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
