// A member of a union is an array that becomes longer.
#include "edit.h"

typedef struct Game {
    union {
        int items[2];
        char text[8];
    } as;
    int end;
} Game;

EDIT_FILL(Game)
{
    g->as.items[0] = 5;
    g->as.items[1] = 6;
    g->end = 7;
}
