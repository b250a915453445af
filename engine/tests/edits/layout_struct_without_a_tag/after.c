// expect: migrated 3 objects moved, 0 lost
// expect: log 3
// expect: log 1 3
#include "edit.h"

typedef struct {
    char name[12];
    void *next;
    int hp;
} Mob;

typedef struct Game {
    Mob *mobs;
    struct {
        Mob *leader;
        int count;
    } group;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(3, g->mobs[i].hp == i + 1 && g->mobs[i].next == &g->mobs[2 - i]));
    hl_log(t, "%d %d", g->group.leader == &g->mobs[2], g->group.count);
}
