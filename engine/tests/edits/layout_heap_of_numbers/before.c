// An allocation of numbers gets other numbers: its tag and the pointer to it say so in both builds.
#include "edit.h"

typedef short Height;
#define NEW(t, n) hl_new(t, short, n)

typedef struct Game {
    Height *heights;
    int count;
} Game;

EDIT_FILL(Game)
{
    g->count = 9;
    g->heights = NEW(t, 9);
    EACH(9)
    {
        g->heights[i] = (short)(i * -4);
    }
}
