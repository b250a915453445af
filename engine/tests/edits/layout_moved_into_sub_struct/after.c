// expect: migrated 7 objects moved, 0 lost
// expect: log 7
// expect: log 7
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    struct {
        float x, y;
    } pos;
    long hp;
    char kind, more;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(7, m[i].pos.x == (float)i / 2 && m[i].pos.y == -(float)i));
    hl_log(t, "%d", COUNT(7, m[i].hp == i && m[i].kind == 'a' + i && m[i].more == 0));
}
