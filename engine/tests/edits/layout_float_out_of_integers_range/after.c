// expect: lost Mob.a ... Mob[1].a ... nan
// expect: lost Mob.b ... Mob[1].b ... 40000
// expect: lost Mob.c ... Mob[1].c ... inf
// expect: lost Mob.d ... Mob[1].d ... -1
// expect: log 1 2 3 4
// expect: log 0 32767 1 0
// expect: log -1 -32768 -4000000000000000000 4294967040
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int a;
    short b;
    long c;
    unsigned d;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %ld %u", g->mobs[0].a, g->mobs[0].b, g->mobs[0].c, g->mobs[0].d);
    hl_log(t, "%d %d %d %u", g->mobs[1].a, g->mobs[1].b, g->mobs[1].c == INT64_MAX, g->mobs[1].d);
    hl_log(t, "%d %d %ld %u", g->mobs[2].a, g->mobs[2].b, g->mobs[2].c, g->mobs[2].d);
}
