// expect: migrated Game: items [8] -> [4]
// expect: lost Game.items[5] ... 12
// expect: log 5 1234 6
#include "edit.h"

typedef struct Game {
    int score;
    int items[4];
    int x;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d%d%d%d %d", g->score, g->items[0], g->items[1], g->items[2], g->items[3], g->x);
}
