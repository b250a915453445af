// expect: migrated Mob: +stamina
// expect: migrated 32 objects moved, 0 lost
// expect: log hp 32
// expect: log speed 32
// expect: log stamina 32 after 77
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    int after;
} Game;

struct Mob {
    int stamina;
    int hp;
    float speed;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "hp %d", COUNT(32, m[i].hp == 100 + i));
    hl_log(t, "speed %d", COUNT(32, m[i].speed == 0.5f * (float)i));
    hl_log(t, "stamina %d after %d", COUNT(32, m[i].stamina == 0), g->after);
}
