// A struct that a static inside a function is of changes, together with the same struct in the
// state.
#include "edit.h"

typedef struct Timer Timer;
typedef struct Game {
    Timer *timers;
} Game;

struct Timer {
    float left;
    int rings;
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
