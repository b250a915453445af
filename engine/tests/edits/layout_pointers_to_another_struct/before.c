// Pointers of variables and of the state point to another struct from now on, which both builds
// have: what they pointed to is none of those, so they are NULL, and named.
#include "edit.h"

typedef struct Mob {
    int hp;
    int x;
} Mob;
typedef struct Item {
    int price;
    int w;
} Item;
typedef struct Game {
    Mob *m;
    Item *i;
    Mob *boss;
} Game;
static Mob boss = {5, 6};
static Item sword = {7, 8};
static Mob *one = &boss;
static Mob *two;
static Mob *three[2];
static struct {
    int n;
    Mob *p;
} four;
static Item *five;
EDIT_FILL(Game)
{
    g->m = hl_new(t, Mob, 2);
    g->i = hl_new(t, Item, 2);
    g->boss = &boss;
    two = &boss;
    three[1] = g->m + 1;
    four.n = 3;
    four.p = g->m;
    five = &sword;
    boss.hp = 50;
    sword.price = 70;
    g->m[1].x = 9;
    hl_log(t, "%d %d %d %d %d", one->hp, two->hp, three[1]->x, four.p->hp + four.n, five->price);
}
