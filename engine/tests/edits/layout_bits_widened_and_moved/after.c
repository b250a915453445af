// expect: migrated Mob: +shield
// expect: migrated 16 objects moved, 0 lost
// expect: log 16
// expect: log 16
// expect: log 16
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int mood : 9;
    unsigned shield : 2;
    unsigned gold : 20;
    unsigned lives : 4, hp : 7;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(16, m[i].hp == (unsigned)i && m[i].lives == (unsigned)(15 - i)));
    hl_log(t, "%d", COUNT(16, m[i].mood == i % 8 - 4 && m[i].gold == 4095u - (unsigned)i));
    hl_log(t, "%d", COUNT(16, m[i].shield == 0));
}
