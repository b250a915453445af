// expect: migrated Mob: hp int -> unsigned char
// expect: lost Mob.hp ... Mob[17].hp ... 300 ... unsigned char
// expect: log 19 20
// expect: log 255
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    unsigned char hp;
    int x;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", COUNT(20, g->mobs[i].hp == 10 * i), COUNT(20, g->mobs[i].x == i));
    hl_log(t, "%d", g->mobs[17].hp);
}
