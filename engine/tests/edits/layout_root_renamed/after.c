// expect: migrated 0 lost
// expect: log 0 30
// expect: log 4 1
#include "edit.h"

typedef struct World {
    int level;
    struct Mob *mob;
    int score;
} World;

struct Mob {
    int hp;
    void *owner;
};

EDIT_TELL(World)
{
    hl_log(t, "%d %d", g->level, g->score);
    hl_log(t, "%d %d", g->mob->hp, g->mob->owner == g);
}
