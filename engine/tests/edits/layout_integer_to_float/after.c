// expect: migrated a int -> float
// expect: migrated 0 lost
// expect: log -16777216 2147483647 4294967295
// expect: log -7.0 -9223372036854775808 9007199254740992 65.0
#include "edit.h"

typedef struct Game {
    float a;
    double b;
    double c;
    float d;
    double e;
    double f;
    float g;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%.0f %.0f %.0f", (double)g->a, g->b, g->c);
    hl_log(t, "%.1f %.0f %.0f %.1f", (double)g->d, g->e, g->f, (double)g->g);
}
