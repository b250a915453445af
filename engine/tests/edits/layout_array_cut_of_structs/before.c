// An array of structs becomes shorter: the fields of what is cut off are named, in one way or
// another.
#include "edit.h"

typedef struct Item {
    int kind, count;
} Item;
typedef struct Game {
    Item items[3];
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{{1, 2}, {3, 4}, {0, 6}}, 7};
}
