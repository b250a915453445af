// expect: migrated 40 objects moved, 0 lost
// expect: log 40
// expect: log 40 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int count;
    Mob *first;
} Game;

struct Mob {
    Mob *self;
    char name[24];
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(40, g->mobs[i].hp == i && g->mobs[i].self == &g->mobs[i]));
    hl_log(t, "%d %d", g->count, g->first == g->mobs);
}
