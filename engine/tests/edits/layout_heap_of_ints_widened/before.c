// An array of ints on the heap becomes one of longs: the tag and the pointer say so in both builds.
#include "edit.h"

typedef struct Game {
    int *scores;
    int count;
} Game;
#define NEW hl_new(t, int, 6)

EDIT_FILL(Game)
{
    g->count = 6;
    g->scores = NEW;
    EACH(6)
    {
        g->scores[i] = -i;
    }
}
