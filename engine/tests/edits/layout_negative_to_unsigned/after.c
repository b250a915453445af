// expect: lost Mob.hp ... Mob[1].hp ... -3
// expect: lost Mob.gold ... Mob[2].gold ... -6
// expect: log 2147483647 9000000000000000000
// expect: log 0 4
// expect: log 5 0
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    unsigned hp;
    unsigned long gold;
};

EDIT_TELL(Game)
{
    hl_log(t, "%u %lu", g->mobs[0].hp, g->mobs[0].gold);
    hl_log(t, "%u %lu", g->mobs[1].hp, g->mobs[1].gold);
    hl_log(t, "%u %lu", g->mobs[2].hp, g->mobs[2].gold);
}
