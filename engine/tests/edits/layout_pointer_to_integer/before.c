// A pointer becomes a number, and a number a pointer: not carried, and named.
#include "edit.h"

typedef struct Game {
    int *a;
    long b;
    int c;
} Game;

EDIT_FILL(Game)
{
    g->a = hl_new(t, int, 1);
    g->b = 5;
    g->c = 6;
}
