// expect: refused-or Game.tiles
// expect: perhaps lost Game.tiles
// expect: log 1
// expect: log 7
#include "edit.h"

typedef struct Game {
    int tiles[2][6];
    int end;
} Game;

EDIT_TELL(Game)
{
    bool is_first_row = COUNT(6, g->tiles[0][i] == i + 1) == 6;
    bool is_first_column = g->tiles[0][0] == 1 && g->tiles[1][0] == 2;
    hl_log(t, "%d", is_first_row || is_first_column);
    hl_log(t, "%d", g->end);
}
