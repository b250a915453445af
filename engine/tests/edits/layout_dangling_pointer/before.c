// Pointers to memory that was given back, and to nowhere: the swap goes on, and what is alive is
// right.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob, *freed, *wild, *middle, *freed_between;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    g->freed_between = hl_new(t, Mob, 3);
    g->mob = hl_new(t, Mob, 2);
    g->freed = hl_new(t, Mob, 1);
    g->mob[0] = (Mob){7, g->freed};
    g->mob[1] = (Mob){8, &g->mob[0]};
    g->wild = (Mob *)0x123456789abc;
    g->middle = (Mob *)((char *)g->mob + 3);
    hl_free(t, g->freed);
    hl_free(t, g->freed_between);
}
