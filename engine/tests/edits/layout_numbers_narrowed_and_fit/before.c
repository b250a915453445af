// Integers become narrower, and all that is alive fits.
#include "edit.h"

typedef struct Game {
    int a[4];
    long b;
    unsigned long c;
    short d;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{-128, 127, 0, -1}, -2147483647L - 1, 4294967295ul, 255};
}
