// expect: log 0 4 8
// expect: log 4
// expect: log 8
// expect: log 8
#include "edit.h"

typedef struct Bag Bag;
typedef struct Item Item;
typedef struct Game {
    Bag *bags[3];
} Game;

struct Item {
    Item *next;
    int kind, count;
};

struct Bag {
    int count;
    Item items[];
};

EDIT_TELL(Game)
{
    Bag **b = g->bags;
    hl_log(t, "%d %d %d", b[0]->count, b[1]->count, b[2]->count);
    hl_log(t, "%d", COUNT(4, b[1]->items[i].kind == 10 + i && b[1]->items[i].count == 0));
    hl_log(t, "%d", COUNT(8, b[2]->items[i].kind == 20 + i));
    hl_log(t, "%d", COUNT(8, b[2]->items[i].next == &b[2]->items[7 - i]));
}
