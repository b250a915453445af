// expect: migrated Mob: -armor
// expect: lost Mob.armor ... Mob[5].armor ... 75 ... 2 more
// expect: log 8
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    int x;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(8, g->mobs[i].hp == i + 1 && g->mobs[i].x == i * i));
}
