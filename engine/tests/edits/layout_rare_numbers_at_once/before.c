// __int128, long double, atomic, volatile and const numbers, in the state and in variables.
#include "edit.h"

typedef struct Game {
    __int128 big;
    long double ld;
    _Atomic int at;
    volatile short v;
    const int c;
    int pad;
} Game;
static __int128 wide = 5;
static _Atomic long count = 1;
static volatile int vol = 2;
static long double lg = 1.5L;
EDIT_FILL(Game)
{
    g->big = (__int128)1 << 100;
    g->ld = 2.5L;
    g->at = 7;
    g->v = -3;
    *(int *)&g->c = 4;
    wide = (__int128)3 << 70;
    count = 9;
    vol = 8;
    lg = 2.25L;
    hl_log(t, "%d %d %d", (int)(wide >> 70), (int)count, vol + (int)lg);
}
