// expect: refused-or Mob
// expect: log 20000
// expect: log 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    Mob *last;
} Game;

struct Mob {
    int path[15];
    int more;
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(20000, g->mobs[i].hp == i && g->mobs[i].path[14] == -i));
    hl_log(t, "%d", g->last == &g->mobs[19999]);
}
