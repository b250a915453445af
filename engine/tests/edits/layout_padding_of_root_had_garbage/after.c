// expect: migrated Game: +armor, +more
// expect: log k -5 300
// expect: log 0 6
#include "edit.h"

#include <string.h>

typedef struct Game {
    char kind;
    int armor;
    long x;
    short level;
    unsigned char more[6];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%c %ld %d", g->kind, g->x, g->level);
    hl_log(t, "%d %d", g->armor, COUNT(6, g->more[i] == 0));
}
