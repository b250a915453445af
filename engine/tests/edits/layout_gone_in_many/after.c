// expect: lost Mob.act
// expect: lost Mob.at
// expect: log 5
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp, more;
    int *at;
    void (*act)(hl_tick *t);
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(5, g->mobs[i].hp == i && g->mobs[i].at == NULL));
}
