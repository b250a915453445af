// expect: refused-or rows
// expect: log 80
// expect: log 50
#include "edit.h"

enum { COLUMNS = 13 };

typedef struct Game {
    short (*rows)[COLUMNS];
    int count;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(80, g->rows[i / 8][i % 8] == 3 * i));
    hl_log(t, "%d", COUNT(50, g->rows[i / 5][8 + i % 5] == 0));
}
