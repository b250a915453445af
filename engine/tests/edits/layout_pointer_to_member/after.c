// expect: migrated 0 lost
// expect: log 1 1 1
// expect: log 33 1.5 -9
// expect: log 1 44
#include "edit.h"

typedef struct Mob Mob;

struct Mob {
    float speed;
    struct {
        short flags;
        short y, x;
    } at[3];
    long more;
    int hp;
};

typedef struct Game {
    Mob *mobs;
    int *hp;
    float *speed;
    short *y;
    Mob inside;
    int *inside_hp;
} Game;

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d %d", g->hp == &m[3].hp, g->speed == &m[0].speed, g->y == &m[2].at[1].y);
    hl_log(t, "%d %g %d", *g->hp, (double)*g->speed, *g->y);
    hl_log(t, "%d %d", g->inside_hp == &g->inside.hp, *g->inside_hp);
}
