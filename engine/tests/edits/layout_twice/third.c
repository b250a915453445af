// expect: migrated 6 objects moved, 0 lost
// expect: log 6
// expect: log 6 6
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *end;
} Game;

struct Mob {
    char b[40];
    long a;
    Mob *next;
    double hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(6, g->mobs[i].hp == 3 * i && g->mobs[i].next == &g->mobs[5 - i]));
    hl_log(t, "%d %d", (int)(g->end - g->mobs), COUNT(6, g->mobs[i].a == i - 3));
}
