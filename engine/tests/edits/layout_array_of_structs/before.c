// The elements of an array of structs change, and the array becomes longer.
#include "edit.h"

typedef struct Item {
    int kind, count;
} Item;
enum { ITEMS = 6 };

typedef struct Game {
    int gold;
    Item items[ITEMS];
    int end;
} Game;

EDIT_FILL(Game)
{
    g->gold = 5;
    g->end = 6;
    EACH(6)
    {
        g->items[i] = (Item){10 * i, i - 3};
    }
}
