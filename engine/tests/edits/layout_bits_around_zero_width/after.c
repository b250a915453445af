// expect: migrated 0 lost
// expect: log 7 30 63 511
#include "edit.h"

typedef struct Game {
    unsigned a : 3;
    unsigned b : 5;
    int : 0;
    unsigned c : 6;
    unsigned d : 9;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->a, g->b, g->c, g->d);
}
