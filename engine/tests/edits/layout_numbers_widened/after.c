// expect: migrated a signed char -> int
// expect: migrated 2 objects moved, 0 lost
// expect: log -128 200 -32768 65535 -2147483648 4294967295
// expect: log 127 255 32767 40000 2147483647 3000000000
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mobs;
} Game;

struct Mob {
    int a;
    int b;
    long long c;
    long d;
    long e;
    long f;
};

EDIT_TELL(Game)
{
    EACH(2)
    {
        Mob *m = &g->mobs[i];
        hl_log(t, "%d %d %lld %ld %ld %ld", m->a, m->b, m->c, m->d, m->e, m->f);
    }
}
