// The same in the state struct, whose size stays as it is.
#include "edit.h"

#include <string.h>

typedef struct Game {
    char kind;
    long x;
    short level;
} Game;

EDIT_FILL(Game)
{
    memset(g, 0x5a, sizeof(*g));
    g->kind = 'k';
    g->x = -5;
    g->level = 300;
}
