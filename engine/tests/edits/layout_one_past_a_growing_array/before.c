// A pointer one past the end of an array in a struct keeps its index when the array becomes longer,
// and when what stands behind it is taken out.
#include "edit.h"

typedef struct Bag Bag;
typedef struct Game {
    Bag *bag;
} Game;

struct Bag {
    int *end;
    short *other_end;
    int items[3];
    char gone[4];
    short others[2];
    char behind;
};

EDIT_FILL(Game)
{
    g->bag = hl_new(t, Bag, 1);
    *g->bag = (Bag){g->bag->items + 3, g->bag->others + 2, {1, 2, 3}, {0}, {4, 5}, 6};
}
