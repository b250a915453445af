// expect: migrated 5 objects moved, 0 lost
// expect: log 4 40
// expect: log 3 30
// expect: log 2 20
// expect: log 1 10
// expect: log 0 0
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
    char name[20];
    int hp, x;
    double speed;
    Link link;
};

EDIT_TELL(Game)
{
    for (Link *at = g->first; at; at = at->next) {
        hl_log(t, "%d %d", MOB_OF(at)->hp, MOB_OF(at)->x);
    }
}
