// expect: migrated 5 objects moved, 0 lost
// expect: log 5
// expect: log 5
// expect: log 5
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *target;
} Game;

struct Mob {
    Mob *next;
    enum { SLEEP, FIGHT, REST } state;
    int level;
    unsigned lives : 5;
    double x, y;
    short hp;
    int items[3];
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(5, m[i].state == (i % 2 ? REST : FIGHT) && m[i].level == 100 + i));
    hl_log(t, "%d", COUNT(5, m[i].lives == (unsigned)i + 3 && m[i].x == i / 2.0 && m[i].y == -1));
    hl_log(t, "%d", COUNT(5, m[i].hp == -100 * i && m[i].next == &m[4 - i] && m[i].items[2] == 0));
    hl_log(t, "%d", g->target == &m[3]);
}
