// expect: migrated 6 objects moved, 0 lost
// expect: log 5
// expect: log 99 1
// expect: log 1 1
#include "edit.h"

typedef struct Enemy {
    struct Enemy *next;
    double x;
    long hp;
} Enemy;
typedef struct Game {
    Enemy *mobs;
    Enemy *list[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(5, g->mobs[i].hp == -i && g->mobs[i].next == &g->mobs[4 - i]));
    hl_log(t, "%ld %d", g->list[1]->hp, g->list[1]->next == g->mobs);
    hl_log(t, "%d %d", g->list[0] == NULL, g->list[2] == &g->mobs[3]);
}
