// expect: migrated 6 objects moved, 0 lost
// expect: log 6
// expect: log 6
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs, *end;
} Game;

struct Mob {
    long a;
    int hp;
    Mob *next;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(6, g->mobs[i].hp == 3 * i && g->mobs[i].next == &g->mobs[5 - i]));
    hl_log(t, "%d", (int)(g->end - g->mobs));
    EACH(6)
    {
        g->mobs[i].a = i - 3;
    }
}
