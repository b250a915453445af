// expect: lost Mob.hp ... Mob[1].hp ... 16
// expect: lost Mob.mood ... Mob[2].mood ... -5
// expect: log 15 3 65535
// expect: log 15 -4 1
// expect: log 1 -4 2
// expect: log 0 0 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    unsigned hp : 4;
    int mood : 3;
    unsigned gold : 16;
};

EDIT_TELL(Game)
{
    EACH(4)
    {
        hl_log(t, "%d %d %d", g->mobs[i].hp, g->mobs[i].mood, g->mobs[i].gold);
    }
}
