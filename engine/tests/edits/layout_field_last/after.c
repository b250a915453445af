// expect: migrated Mob: +title
// expect: migrated 0 lost
// expect: log mobs 20
// expect: log boss 5000 -1
// expect: log title 200
// expect: log behind 123456789012
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *boss;
    long behind;
} Game;

struct Mob {
    int hp, x;
    char title[200];
};

EDIT_TELL(Game)
{
    hl_log(t, "mobs %d", COUNT(20, g->mobs[i].hp == i && g->mobs[i].x == 3 * i));
    hl_log(t, "boss %d %d", g->boss->hp, g->boss->x);
    hl_log(t, "title %d", COUNT(200, g->mobs[19].title[i] == 0 && g->boss->title[i] == 0));
    hl_log(t, "behind %ld", g->behind);
}
