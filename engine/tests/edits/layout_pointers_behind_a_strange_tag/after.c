// expect: migrated 4 objects moved, 0 lost
// expect: log 4
// expect: log 4
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob **list;
    Mob *mobs;
} Game;

struct Mob {
    double more[3];
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(4, g->mobs[i].hp == i + 1));
    hl_log(t, "%d", COUNT(4, g->list[i] == &g->mobs[3 - i]));
    hl_log(t, "%d", g->list[4] == NULL && g->list[5] == NULL);
}
