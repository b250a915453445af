// expect: migrated hp float -> int, x double -> long
// expect: perhaps lost Mob.hp
// expect: perhaps lost Mob.x
// expect: log 3 -9007199254740992
// expect: log -16777216 1000000000000000
// expect: log 2 -2
// expect: log 0 0
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    long x;
};

EDIT_TELL(Game)
{
    EACH(4)
    {
        hl_log(t, "%d %ld", g->mobs[i].hp, g->mobs[i].x);
    }
}
