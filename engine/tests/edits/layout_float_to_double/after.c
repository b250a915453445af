// expect: migrated 1 object
// expect: migrated 0 lost
// expect: log 1 1 1
// expect: log 1 1
#include "edit.h"

typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
} Game;

struct Mob {
    double a, b, c;
    long double d;
    long double e;
};

EDIT_TELL(Game)
{
    Mob *m = g->mob;
    hl_log(t, "%d %d %d", m->a == (double)0.1f, m->b == __builtin_inf(), m->c != m->c);
    hl_log(t, "%d %d", m->d == (long double)-3e38f, m->e == (long double)0.1);
}
