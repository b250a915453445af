// NaN, infinity and numbers beyond the range become no integers and no small floats: named.
#include "edit.h"
#define NAN_IS(x) ((x) = __builtin_nan(""))
#define INF_IS(x) ((x) = __builtin_inff())
#define FAR_IS(x) ((x) = 1e300)

typedef struct Game {
    int unused;
} Game;

static double nan_ = 1;
static float inf = 2;
static double far = 3;
static double near = 4;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        NAN_IS(nan_);
        INF_IS(inf);
        FAR_IS(far);
        near = 0.5;
    }
    if (t->tick == 2 || t->reloaded) {
        hl_log(t, "old %d %d %d %.2f", (int)(nan_ == 1), (int)(inf == 2), (int)(far == 3),
               (double)near);
    }
}

EDIT_GAME(Game);
