// expect: migrated +is_old
// expect: migrated 0 lost
// expect: log 6 5 6
// expect: log 8
// expect: log 0 0
#include "edit.h"

typedef struct Item {
    bool is_old;
    long count;
    short kind;
} Item;
enum { ITEMS = 8 };

typedef struct Game {
    int gold;
    Item items[ITEMS];
    int end;
} Game;

EDIT_TELL(Game)
{
    Item *m = g->items;
    hl_log(t, "%d %d %d", COUNT(6, m[i].kind == 10 * i && m[i].count == i - 3), g->gold, g->end);
    hl_log(t, "%d", COUNT(8, !m[i].is_old));
    hl_log(t, "%d %ld", m[7].kind, m[7].count);
}
