// expect: migrated Game: +more
// expect: migrated 0 lost
// expect: log 1 2 3 4 five 6
#include "edit.h"

typedef int Hp;

typedef struct Game {
    int more;
    volatile int a;
    int b;
    int c;
    _Atomic Hp d;
    const char *volatile e;
    const volatile int f[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d %s %d", g->a, g->b, g->c, g->d, g->e, g->f[2]);
}
