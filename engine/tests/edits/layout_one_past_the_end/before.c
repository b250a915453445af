// Pointers one past the end of an allocation and of an array in a struct keep their index.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *end;
    int *full, *low;
    int items[4];
    int more;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 6);
    g->end = g->mobs + 6;
    EACH(6)
    {
        g->mobs[i].hp = i * i;
    }
    Mob *other = hl_new(t, Mob, 1);
    other->hp = 1000;
    g->full = g->items + 4;
    g->low = g->items;
}
