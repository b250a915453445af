// expect: log 1 1 1 1
#include "edit.h"

typedef struct Mob {
    int z;
    int hp;
    int x;
} Mob;
typedef struct Item {
    int price;
    int w;
    int q;
} Item;
typedef struct Game {
    Mob *m;
    Item *i;
    Mob *a;
    Item *b;
} Game;
static Mob *ga;
static Item *gb;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->a == g->m + 1, g->b == g->i + 1, ga == g->m + 1, gb == g->i + 1);
}
