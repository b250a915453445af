// expect: migrated 0 lost
// expect: log 12
// expect: log 23
// expect: log 7
#include "edit.h"

enum { ROWS = 5, COLUMNS = 7 };

typedef struct Game {
    unsigned char map[ROWS][COLUMNS];
    int end;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(12, g->map[i / 4][i % 4] == 100 + 10 * (i / 4) + i % 4));
    hl_log(t, "%d", COUNT(35, g->map[i / 7][i % 7] == 0));
    hl_log(t, "%d", g->end);
}
