// expect: migrated b long
// expect: log -128 127 0 -1
// expect: log -2147483648 4294967295 255
#include "edit.h"

typedef struct Game {
    signed char a[4];
    int b;
    unsigned c;
    unsigned char d;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->a[0], g->a[1], g->a[2], g->a[3]);
    hl_log(t, "%d %u %d", g->b, g->c, g->d);
}
