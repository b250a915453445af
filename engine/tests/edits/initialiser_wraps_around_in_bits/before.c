// -1 and all ones are one initialiser in bit-fields and numbers of any width.
#include "edit.h"

typedef struct Game {
    int n;
} Game;
static struct {
    int none : 6;
    unsigned all : 4;
} f = {-1, 15};
static signed char sc = -1;
static unsigned short us = 65535;
static long long ll = -1;
EDIT_FILL(Game)
{
    f.none = 5;
    f.all = 3;
    sc = 4;
    us = 6;
    ll = 7;
    hl_log(t, "%d %d %d %d %lld", f.none, f.all, sc, us, ll);
}
