// expect: migrated Mob: -armor
// expect: migrated 8 objects moved, 0 lost
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
