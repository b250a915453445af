// expect: migrated +armor
// expect: migrated 12 objects moved, 0 lost
// expect: log hp 12
// expect: log kind 12
// expect: log x 12
// expect: log armor 12
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs[12];
} Game;

struct Mob {
    short hp;
    double armor[3];
    char kind;
    double x;
};

EDIT_TELL(Game)
{
    hl_log(t, "hp %d", COUNT(12, g->mobs[i]->hp == -i));
    hl_log(t, "kind %d", COUNT(12, g->mobs[i]->kind == 'a' + i));
    hl_log(t, "x %d", COUNT(12, g->mobs[i]->x == 1.25 * i));
    hl_log(t, "armor %d", COUNT(12, g->mobs[i]->armor[0] == 0 && g->mobs[i]->armor[2] == 0));
}
