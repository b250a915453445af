// expect: migrated a double -> float
// expect: lost Game.b ... 1e+300
// expect: perhaps lost Game.rounded
// expect: log 0.5 1 1 1
// expect: log 1
// expect: log -0 3 -1.67772e+07
#include "edit.h"

typedef struct Game {
    float a, b, c, d;
    float rounded;
    float tiny[3];
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%g %d %d %d", (double)g->a, g->b > 1e38f, g->c == __builtin_inff(), g->d != g->d);
    hl_log(t, "%d", g->rounded == 0.1f);
    hl_log(t, "%g %g %g", (double)g->tiny[0], (double)g->tiny[1], (double)g->tiny[2]);
}
