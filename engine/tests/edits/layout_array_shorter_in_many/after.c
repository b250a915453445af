// expect: lost Mob.path ... 7.25 ... 2 more
// expect: log 10
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double path[2];
    char kind;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(10, m[i].path[0] == i && m[i].path[1] == 0.5 && m[i].kind == i));
}
