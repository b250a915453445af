// expect: migrated 3 objects moved, 0 lost
// expect: log 3
#include "edit.h"

typedef struct mob_s {
    double x;
    struct mob_s *next;
    int hp;
} Creature;
typedef Creature Any;

typedef struct Game {
    Any *mobs;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(3, g->mobs[i].hp == i + 1 && g->mobs[i].next == &g->mobs[2 - i]));
}
