// expect: migrated 10 objects moved, 0 lost
// expect: log 10
// expect: log 1 5
// expect: log 1 1 1
// expect: log 1 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *target, *targets[3];
    Mob **chosen;
    const Mob *watched;
} Game;

struct Mob {
    Mob *leader;
    double x, y;
    char kind;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(10, m[i].kind == i && m[i].leader == &m[9 - i]));
    hl_log(t, "%d %d", g->target == &m[5], g->target->kind);
    hl_log(t, "%d %d %d", g->targets[0] == &m[9], g->targets[1] == NULL, g->targets[2] == &m[1]);
    hl_log(t, "%d %d %d", g->chosen[0] == NULL, g->chosen[3] == &m[7], g->watched == &m[2]);
}
