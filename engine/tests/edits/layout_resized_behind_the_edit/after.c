// expect: migrated 25 objects moved, 0 lost
// expect: log 10 40
// expect: log 100 0 102
// expect: log 1 2
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *others[3];
} Game;

struct Mob {
    double more;
    int hp;
};

EDIT_TELL(Game)
{
    g->mobs = hl_resize(t, g->mobs, Mob, 50);
    hl_log(t, "%d %d", COUNT(10, g->mobs[i].hp == i + 1), COUNT(50, g->mobs[i].hp == 0));
    hl_free(t, g->others[1]);
    g->others[2] = hl_resize(t, g->others[2], Mob, 6);
    g->others[1] = hl_new(t, Mob, 5);
    hl_log(t, "%d %d %d", g->others[0][4].hp, g->others[1][4].hp, g->others[2][4].hp);
    g->mobs = hl_resize(t, g->mobs, Mob, 2);
    hl_log(t, "%d %d", g->mobs[0].hp, g->mobs[1].hp);
}
