// expect: migrated on bool -> int
// expect: migrated n int -> bool
// expect: log 1 1 1
#include "edit.h"

typedef struct Game {
    int on;
    bool n;
    int bits;
} Game;
EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->on, g->n, g->bits);
}
