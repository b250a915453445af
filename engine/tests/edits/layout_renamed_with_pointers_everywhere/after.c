// expect: log 1 1 1 1 1 1
// expect: log 50 22 1
#include "edit.h"

typedef struct Monster {
    long shield;
    int hp;
    struct Monster *foe;
} Monster;
typedef struct Item {
    Monster *owner;
    int price;
} Item;
typedef struct Game {
    Monster **refs;
    Monster *m;
    Item *i;
} Game;
static Monster boss = {.hp = 5};
static Monster *one;
static Monster *three[2];
static Item sword;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %d %d", g->refs[1] == &boss && g->refs[0] == g->m + 2, one == g->m + 1,
           three[0] == &boss && three[1] == g->m + 2, boss.foe == g->m, g->m->foe == &boss,
           sword.owner == &boss);
    hl_log(t, "%d %d %d", boss.hp, g->m[2].hp, g->i[1].owner == g->m + 1);
}
