// What fits goes on, what does not is named with its value.
#include "edit.h"
#define TYPE_OF_WIDE  int
#define TYPE_OF_MINUS int
#define TYPE_OF_EXACT long long
#define LARGE         1e12

typedef struct Game {
    int unused;
} Game;

static int fits = 1;
static int wide = 2;
static int minus = 3;
static double large = 4;
static long long exact = 5;
static int flag;
static float part;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        fits = 200;
        wide = (TYPE_OF_WIDE)300;
        minus = (TYPE_OF_MINUS)-3;
        large = LARGE;
        exact = (TYPE_OF_EXACT)9007199254740993;
        flag = 256;
        part = 0.25f;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d", (int)fits, (int)flag, part != 0);
    }
    if (t->tick == 2 || t->tick == 999999) {
        hl_log(t, "%d %d %f %f", (int)wide, (int)minus, (double)large, (double)exact);
    }
}

EDIT_GAME(Game);
