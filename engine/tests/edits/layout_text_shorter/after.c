// expect: lost Mob.name
// expect: log Bob Barth Diana
#include "edit.h"

#include <string.h>
typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int hp;
    char name[6];
};

EDIT_TELL(Game)
{
    hl_log(t, "%s %.5s %s", g->mobs[0].name, g->mobs[1].name, g->mobs[2].name);
}
