// expect: migrated 9 objects moved, 0 lost
// expect: log 9
// expect: log 9
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    long gold;
    double x;
    short hp;
    unsigned char level;
    char kind;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(9, m[i].kind == i && m[i].x == i / 4.0 && m[i].hp == -100 * i));
    hl_log(t, "%d", COUNT(9, m[i].gold == 1L << (4 * i) && m[i].level == 250 - i));
}
