// A list whose elements each have an allocation of their own: all of them grow, and so all move.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *first;
    Mob *last;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_FILL(Game)
{
    EACH(40)
    {
        Mob *m = hl_new(t, Mob, 1);
        m->hp = 40 - i;
        m->next = g->first;
        g->first = m;
        g->last = i == 0 ? m : g->last;
    }
}
