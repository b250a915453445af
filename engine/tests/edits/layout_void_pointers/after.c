// expect: migrated 5 objects moved, 0 lost
// expect: log 4
// expect: log 55 1 1
// expect: log 1 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    void *owner, *list[3];
    const void *end;
} Game;

struct Mob {
    double more;
    void *user;
    int hp;
    double others[4];
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs, *other = g->list[1];
    hl_log(t, "%d", COUNT(4, m[i].hp == i && m[i].user == &m[3 - i]));
    hl_log(t, "%d %d %d", other->hp, other->user == g, g->owner == &m[2]);
    hl_log(t, "%d %d %d", g->list[0] == NULL, g->list[2] == NULL, g->end == m);
}
