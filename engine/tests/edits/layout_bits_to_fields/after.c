// expect: migrated 0 lost
// expect: log 31 -16 1
// expect: log -500000 255 -64 1
#include "edit.h"

typedef struct Game {
    int a;
    short b;
    bool c;
    int d : 20;
    unsigned e : 8;
    int f : 7;
    bool g : 1;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->a, g->b, g->c);
    hl_log(t, "%d %d %d %d", g->d, g->e, g->f, g->g);
}
