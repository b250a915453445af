// A list goes through a struct in the middle of the objects, and the game counts back from there to
// where they begin.
#include "edit.h"

typedef struct Link {
    struct Link *next;
} Link;
typedef struct Mob Mob;
typedef struct Game {
    Link *first;
} Game;
#define MOB_OF(link_) ((Mob *)((char *)(link_)-offsetof(Mob, link)))

struct Mob {
    int hp;
    Link link;
    int x;
};

EDIT_FILL(Game)
{
    EACH(5)
    {
        Mob *m = hl_new(t, Mob, 1);
        *m = (Mob){i, {g->first}, 10 * i};
        g->first = &m->link;
    }
}
