// expect: lost Game.items[2] ... 6
// expect: log 12347
#include "edit.h"

typedef struct Item {
    int kind, count;
} Item;
typedef struct Game {
    Item items[2];
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d%d%d%d%d", g->items[0].kind, g->items[0].count, g->items[1].kind,
           g->items[1].count, g->end);
}
