// expect: log 1 2.5 7 -3 4
// expect: log 3 9 8 2.25
#include "edit.h"

typedef struct Game {
    char c0;
    int c;
    volatile long v;
    _Atomic long at;
    long double ld;
    __int128 big;
} Game;
static __int128 wide = 5;
static _Atomic int count = 1;
static volatile long vol = 2;
static long double lg = 1.5L;
EDIT_TELL(Game)
{
    hl_log(t, "%d %Lg %ld %ld %d", (int)(g->big >> 100), g->ld, (long)g->at, g->v, g->c);
    hl_log(t, "%d %d %ld %Lg", (int)(wide >> 70), count, vol, lg);
}
