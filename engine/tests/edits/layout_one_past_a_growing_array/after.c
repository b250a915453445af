// expect: migrated 0 lost
// expect: log 3 2
// expect: log 123456
#include "edit.h"

typedef struct Bag Bag;
typedef struct Game {
    Bag *bag;
} Game;

struct Bag {
    int items[8];
    short others[2];
    int *end;
    short *other_end;
    char behind;
};

EDIT_TELL(Game)
{
    Bag *b = g->bag;
    hl_log(t, "%d %d", (int)(b->end - b->items), (int)(b->other_end - b->others));
    hl_log(t, "%d%d%d%d%d%d", b->items[0], b->items[1], b->items[2], b->others[0], b->others[1],
           b->behind);
}
