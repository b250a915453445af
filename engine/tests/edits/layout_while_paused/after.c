// expect: migrated 3 objects moved, 0 lost
// do: step
// expect: log 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double armor;
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(3, g->mobs[i].hp == i + 4));
}
