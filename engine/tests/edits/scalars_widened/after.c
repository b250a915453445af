// expect: carried a
// expect: carried b
// expect: carried c
// expect: carried d
// expect: carried e
// expect: carried f
// expect: carried h
// expect: log new 1 1 1 1 1 1 1
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int a = -1;
static long long b = 1;
static float c = 2;
static double d = 3;
static double e = 0.5;
static unsigned long f = 1;
static int h;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        a = -100;
        b = 200;
        c = -300;
        d = 123456789;
        e = 0.25f;
        f = 4000000000u;
        h = true;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %d %d %d %d", a == -100, b == 200, c == -300, d == 123456789,
               e == 0.25f, f == 4000000000u, h == 1);
    }
}

EDIT_GAME(Game);
