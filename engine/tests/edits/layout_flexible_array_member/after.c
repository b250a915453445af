// expect: log 20 20
// expect: log 1
// expect: log 16
#include "edit.h"

typedef struct Bag Bag;
typedef struct Game {
    Bag *bag;
    int *last;
} Game;

struct Bag {
    int count;
    char name[16];
    int items[];
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->bag->count, COUNT(20, g->bag->items[i] == i * 5));
    hl_log(t, "%d", g->last == &g->bag->items[19]);
    hl_log(t, "%d", COUNT(16, g->bag->name[i] == 0));
}
