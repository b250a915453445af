// Objects end in an array without a length, which moves when a field is put in front of it.
#include "edit.h"

typedef struct Bag Bag;
typedef struct Game {
    Bag *bag;
    int *last;
} Game;

struct Bag {
    int count;
    int items[];
};

EDIT_FILL(Game)
{
    g->bag = hl_alloc(t, "Bag", sizeof(Bag) + 20 * sizeof(int), _Alignof(Bag), 1);
    g->bag->count = 20;
    EACH(20)
    {
        g->bag->items[i] = i * 5;
    }
    g->last = &g->bag->items[19];
}
