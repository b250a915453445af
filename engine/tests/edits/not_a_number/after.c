// expect: lost nan_
// expect: lost inf
// expect: lost far
// expect: carried near
// expect: log new 1 1 1 0.50
#include "edit.h"
#define NAN_IS(x) ((x) = 5)
#define INF_IS(x) ((x) = 5)
#define FAR_IS(x) ((x) = 5)

typedef struct Game {
    int unused;
} Game;

static int nan_ = 1;
static long inf = 2;
static float far = 3;
static float near = 4;

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
        hl_log(t, "new %d %d %d %.2f", (int)(nan_ == 1), (int)(inf == 2), (int)(far == 3),
               (double)near);
    }
}

EDIT_GAME(Game);
