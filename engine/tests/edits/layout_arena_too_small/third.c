// expect: migrated 8000 objects moved, 0 lost
// expect: log 8000
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char name[60];
    short hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(8000, g->mobs[i].hp == i && g->mobs[i].name[59] == i % 100));
}
