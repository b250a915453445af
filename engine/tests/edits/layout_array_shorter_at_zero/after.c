// expect: migrated 5 objects moved, 0 lost
// expect: log 5
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    short items[3];
    int x;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(5, m[i].items[0] == i && m[i].items[2] == 8 && m[i].x == i * i));
}
