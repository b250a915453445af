// expect: migrated Mob: items [4] -> [9]
// expect: migrated 10 objects moved, 0 lost
// expect: log 10
// expect: log 10
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int items[9];
    int x;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(10, m[i].items[0] == i && m[i].items[3] == i + 3 && m[i].x == -i - 1));
    hl_log(t, "%d", COUNT(10, m[i].items[4] == 0 && m[i].items[8] == 0));
}
