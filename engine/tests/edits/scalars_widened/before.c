// Numbers go by their value, extended by the old type.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static signed char a = -1;
static unsigned char b = 1;
static short c = 2;
static int d = 3;
static float e = 0.5f;
static unsigned f = 1;
static bool h;

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
        hl_log(t, "old %d %d %d %d %d %d %d", a == -100, b == 200, c == -300, d == 123456789,
               e == 0.25f, f == 4000000000u, h == 1);
    }
}

EDIT_GAME(Game);
