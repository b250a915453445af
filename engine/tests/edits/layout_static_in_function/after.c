// expect: carried timer.own
// expect: migrated 2 objects moved, 0 lost
// expect: log 1.5 2.5 3
#include "edit.h"

typedef struct Timer Timer;
typedef struct Game {
    Timer *timers;
} Game;

struct Timer {
    int rings;
    double left, most;
};

static Timer *timer(void)
{
    static Timer own;
    return &own;
}

EDIT_FILL_AND_TELL(Game);

static void fill(Game *g, hl_tick *t)
{
    g->timers = hl_new(t, Timer, 2);
    g->timers[1].left = 1.5f;
    timer()->left = 2.5f;
    timer()->rings = 3;
}

static void tell(Game *g, hl_tick *t)
{
    hl_log(t, "%g %g %d", (double)g->timers[1].left, (double)timer()->left, timer()->rings);
}
