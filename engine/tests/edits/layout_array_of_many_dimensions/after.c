// expect: migrated 0 lost
// expect: log 24
// expect: log 18
// expect: log 0 0
#include "edit.h"

typedef struct Cell {
    int height;
    bool seen;
    char kind;
} Cell;
typedef struct Game {
    Cell world[3][3][6];
} Game;

EDIT_TELL(Game)
{
#define CELL g->world[i / 12][i / 4 % 3][i % 4]
    hl_log(t, "%d", COUNT(24, CELL.kind == 'a' + i && CELL.height == -i && !CELL.seen));
    hl_log(t, "%d", COUNT(18, g->world[2][i / 6][i % 6].kind == 0));
    hl_log(t, "%d %d", g->world[0][1][4].kind, g->world[1][2][5].height);
}
