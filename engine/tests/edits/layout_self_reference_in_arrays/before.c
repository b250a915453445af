// An array of the state holds pointers to its own elements and to its own pointers.
#include "edit.h"

typedef struct Game {
    int *values[4];
    int **chosen;
    int numbers[4];
    void *self;
} Game;

EDIT_FILL(Game)
{
    EACH(4)
    {
        g->numbers[i] = i * i;
        g->values[i] = &g->numbers[3 - i];
    }
    g->chosen = &g->values[2];
    g->self = g;
}
