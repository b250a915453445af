// expect: refused-or blob
// expect: log 5 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    void *blob;
    Mob *mobs;
} Game;

struct Mob {
    double more[3];
    int hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mobs[3].hp, ((Mob **)g->blob)[2] == &g->mobs[3]);
}
