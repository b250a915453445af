// A struct becomes a union of the same members: not carried, and named.
#include "edit.h"

typedef struct Game {
    struct {
        int a, b;
    } as;
    int c;
} Game;

EDIT_FILL(Game)
{
    g->as.a = 7;
    g->c = 9;
}
