// expect: migrated short
// expect: migrated 0 lost
// expect: log 3 -4 5 6
// expect: log 10 20 -30
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

typedef float Unit;

struct Mob {
    Unit x, y;
    struct {
        Unit w, h;
    } size;
    Unit path[4];
};

EDIT_TELL(Game)
{
    Mob *m = &g->mobs[1];
    hl_log(t, "%g %g %g %g", (double)m->x, (double)m->y, (double)m->size.w, (double)m->size.h);
    hl_log(t, "%g %g %g", (double)m->path[1], (double)m->path[2], (double)m->path[3]);
}
