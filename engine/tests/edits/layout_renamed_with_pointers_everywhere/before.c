// A struct gets a new name and a field; variables, arrays of pointers and other structs point to
// it.
#include "edit.h"

typedef struct Mob {
    int hp;
    struct Mob *foe;
} Mob;
typedef struct Item {
    int price;
    Mob *owner;
} Item;
typedef struct Game {
    Mob *m;
    Item *i;
    Mob **refs;
} Game;
static Mob boss = {5, 0};
static Mob *one;
static Mob *three[2];
static Item sword;
EDIT_FILL(Game)
{
    g->m = hl_new(t, Mob, 3);
    g->i = hl_new(t, Item, 2);
    g->refs = hl_new(t, Mob *, 2);
    g->refs[1] = &boss;
    g->refs[0] = g->m + 2;
    one = g->m + 1;
    three[0] = &boss;
    three[1] = g->m + 2;
    boss.foe = g->m;
    g->m[0].foe = &boss;
    g->m[2].hp = 22;
    sword.owner = &boss;
    g->i[1].owner = g->m + 1;
    boss.hp = 50;
    hl_log(t, "%d %d %d", one->hp, three[1]->hp, sword.owner->hp);
}
