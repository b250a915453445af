// expect: migrated 10 objects moved, 0 lost
// expect: log kept 10
// expect: log new 10
// expect: log more 10
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    char kind;
    Mob *mobs;
} Game;

struct Mob {
    char kind;
    char armor;
    short hp;
    double x;
    char level;
    char more[7];
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "kept %d", COUNT(10, m[i].kind == i && m[i].x == i && m[i].level == (char)-i));
    hl_log(t, "new %d", COUNT(10, m[i].armor == 0 && m[i].hp == 0));
    hl_log(t, "more %d", COUNT(10, m[i].more[0] == 0 && m[i].more[3] == 0 && m[i].more[6] == 0));
}
