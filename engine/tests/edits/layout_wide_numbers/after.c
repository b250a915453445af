// expect: migrated 2 objects moved, 0 lost
// expect: log 1 1
// expect: log 1 1
// expect: log 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    char kind;
    double c;
    uint64_t b;
    char other;
    int64_t a;
};

EDIT_TELL(Game)
{
    Mob *m = g->mobs;
    hl_log(t, "%d %d", m[0].a == INT64_MIN, m[1].a == INT64_MAX);
    hl_log(t, "%d %d", m[0].b == UINT64_MAX, m[1].b == 0x8000000000000001);
    hl_log(t, "%d %d", m[0].c == 1.7976931348623157e308, m[1].c == 5e-324);
}
