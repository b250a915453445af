// expect: carried fits
// expect: carried flag
// expect: carried part
// expect: lost wide
// expect: lost minus
// expect: lost large
// expect: lost exact
// expect: log new 200 1 1
#include "edit.h"
#define TYPE_OF_WIDE  unsigned char
#define TYPE_OF_MINUS unsigned
#define TYPE_OF_EXACT double
#define LARGE         1000000

typedef struct Game {
    int unused;
} Game;

static unsigned char fits = 1;
static unsigned char wide = 2;
static unsigned minus = 3;
static int large = 4;
static double exact = 5;
static bool flag;
static bool part;

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
        hl_log(t, "new %d %d %d", (int)fits, (int)flag, part != 0);
    }
    if (t->tick == 2 || t->tick == 999999) {
        hl_log(t, "%d %d %f %f", (int)wide, (int)minus, (double)large, (double)exact);
    }
}

EDIT_GAME(Game);
