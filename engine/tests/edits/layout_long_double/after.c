// expect: migrated 3 objects moved, 0 lost
// expect: log 3
// expect: log 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    double shorter;
    long double moved;
    int whole;
    char kind;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(3, m[i].kind == i && m[i].moved == 1.0L / (3 + i)));
    hl_log(t, "%d", COUNT(3, m[i].shorter == 0.25 * i && m[i].whole == 1000 * i));
}
