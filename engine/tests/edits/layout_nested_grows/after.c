// expect: migrated +angle
// expect: migrated 0 lost
// expect: log 4
// expect: log 4
// expect: log 3
// expect: log 1 2 0 99
// expect: log 4 3
#include "edit.h"

typedef struct Body Body;
typedef struct Mob Mob;

struct Body {
    float x, y, angle;
};

struct Mob {
    char kind;
    Body body;
    int hp;
};
typedef struct Game {
    Mob *mobs;
    Body camera;
    Body *bodies;
    int end;
} Game;

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d", COUNT(4, m[i].kind == i && m[i].hp == 100 + i));
    hl_log(t, "%d", COUNT(4, m[i].body.x == (float)i && m[i].body.y == (float)-i));
    hl_log(t, "%d", COUNT(3, g->bodies[i].x == (float)(10 * i) && g->bodies[i].y == 0.25f));
    hl_log(t, "%g %g %g %d", (double)g->camera.x, (double)g->camera.y, (double)g->camera.angle,
           g->end);
    hl_log(t, "%d %d", COUNT(4, m[i].body.angle == 0), COUNT(3, g->bodies[i].angle == 0));
}
