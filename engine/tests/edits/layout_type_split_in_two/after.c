// expect: migrated 0 lost
// expect: log 3
// expect: log 3
// expect: log 3
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef struct Body {
    float x, y;
    float angle;
} Body;
struct Mob {
    int hp;
    Body body;
    int items[3];
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(3, m[i].hp == i && m[i].items[0] == 1 && m[i].items[2] == i));
    hl_log(t, "%d", COUNT(3, m[i].body.x == (float)i && m[i].body.y == -(float)i));
    hl_log(t, "%d", COUNT(3, m[i].body.angle == 0.5f));
}
