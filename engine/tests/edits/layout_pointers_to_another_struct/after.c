// expect: changed one
// expect: lost two
// expect: lost three[1]
// expect: lost four.p
// expect: lost five
// expect: lost Game.boss
// expect: log 70 1 1 1 3 1 1 50 9
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
    Item *boss;
} Game;
static Mob boss = {5, 6};
static Item sword = {7, 8};
static Item *one = &sword;
static Item *two;
static Item *three[2];
static struct {
    int n;
    Item *p;
} four;
static Mob *five;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %d %d %d %d %d", one->price, two == 0, three[1] == 0, four.p == 0,
           four.n, five == 0, g->boss == 0, boss.hp, g->m[1].x);
}
