// expect: migrated Mob: -armor
// expect: migrated 0 lost
// expect: log 6
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int *hp;
} Game;

struct Mob {
    int hp;
    Mob *next;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(6, g->mobs[i].hp == 3 * i && g->mobs[i].next == &g->mobs[5 - i]));
    hl_log(t, "%d", g->hp == &g->mobs[4].hp);
}
