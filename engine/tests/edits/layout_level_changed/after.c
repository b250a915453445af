// expect: migrated 2 objects moved, 0 lost
// expect: log 2 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double a, b;
    int hp;
    Mob *next;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mobs[0].next->hp, g->mobs[1].next->hp);
}
