// A union of pointers, and of a pointer and a number, in objects that move.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int kind;
    union {
        Mob *mob;
        long number;
    } as;
    union {
        Mob *first;
        const Mob *other;
    } both;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3);
    EACH(3)
    {
        g->mobs[i].kind = i;
        g->mobs[i].both.first = &g->mobs[2 - i];
    }
    g->mobs[0].as.mob = &g->mobs[2];
    g->mobs[1].as.number = 12345;
}
