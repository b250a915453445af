// Numbers of 64 bits at the ends of their range are moved and keep each bit.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int64_t a;
    uint64_t b;
    double c;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 2);
    g->mobs[0] = (Mob){INT64_MIN, UINT64_MAX, 1.7976931348623157e308};
    g->mobs[1] = (Mob){INT64_MAX, 0x8000000000000001, 5e-324};
}
