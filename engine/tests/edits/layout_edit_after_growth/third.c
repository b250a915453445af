// expect: migrated 40 objects moved, 0 lost
// expect: log 40
// expect: log 40
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob **mobs;
    int count;
} Game;

struct Mob {
    int hp;
    double x;
    int armor;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(40, g->mobs[i]->hp == i && g->mobs[i]->armor == (i < 4 ? 0 : -i)));
    hl_log(t, "%d", COUNT(40, g->mobs[i]->x == 0));
}
