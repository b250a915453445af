// expect: migrated name [8] -> [30]
// expect: migrated 3 objects moved, 0 lost
// expect: log Bob 1
// expect: log Theodora 2
// expect: log  3
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char name[30];
    int hp;
};

EDIT_TELL(Game)
{
    EACH(3)
    {
        hl_log(t, "%s %d", g->mobs[i].name, g->mobs[i].hp);
    }
}
