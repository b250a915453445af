// Void pointers, of the state and of variables, become typed ones.
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
    void *a;
    void *b;
} Game;
static void *ga;
static void *gb;
EDIT_FILL(Game)
{
    g->m = hl_new(t, Mob, 2);
    g->i = hl_new(t, Item, 2);
    g->a = g->m + 1;
    g->b = g->i + 1;
    ga = g->m + 1;
    gb = g->i + 1;
    hl_log(t, "%p %p", ga, gb);
}
