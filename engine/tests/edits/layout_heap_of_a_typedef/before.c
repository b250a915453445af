// An allocation of numbers is made by a typedef's name, which becomes another type.
#include "edit.h"

typedef short Height;

typedef struct Game {
    Height *heights, *at;
    int count;
} Game;

EDIT_FILL(Game)
{
    g->count = 9;
    g->heights = hl_new(t, Height, 9);
    g->at = &g->heights[4];
    EACH(9)
    {
        g->heights[i] = (short)(i * -4);
    }
}
