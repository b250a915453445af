// The elements of an array without a length change.
#include "edit.h"

typedef struct Bag Bag;
typedef struct Item Item;
typedef struct Game {
    Bag *bags[3];
} Game;

struct Item {
    short kind;
    Item *next;
};

struct Bag {
    int count;
    Item items[];
};

EDIT_FILL(Game)
{
    EACH(3)
    {
        size_t count = (size_t)(4 * i);
        g->bags[i] = hl_alloc(t, "Bag", sizeof(Bag) + count * sizeof(Item), _Alignof(Bag), 1);
        g->bags[i]->count = (int)count;
        for (int k = 0; k < 4 * i; k++) {
            g->bags[i]->items[k] = (Item){(short)(10 * i + k), &g->bags[i]->items[4 * i - 1 - k]};
        }
    }
}
