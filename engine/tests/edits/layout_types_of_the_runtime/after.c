// expect: migrated 2 objects moved, 0 lost
// expect: log 109 1.5 2
// expect: log 1
// expect: log 0 0
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
    uint32_t next;
} Game;

struct Mob {
    hl_vec2 pos, speed;
    hl_rectf box;
    char kind;
    hl_rng rng;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %g %g", m[1].kind, (double)m[1].pos.x, (double)m[1].pos.y);
    hl_log(t, "%d", hl_rand(&m[1].rng) == g->next);
    hl_log(t, "%g %g", (double)m[0].speed.x, (double)m[1].box.h);
}
