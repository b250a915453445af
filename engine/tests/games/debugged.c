// What somebody with a debugger looks at: a call with arguments and a local variable. Cases replace
// STEP: 10 ends the session after a while, 66 crashes.
#include "hotloop.h"

#define STEP 1

typedef struct Game {
    int64_t count;
    int64_t *nothing;
} Game;

static void init(Game *g, hl_tick *t)
{
    (void)t;
    g->count = 100;
}

static __attribute__((noinline, noclone)) int64_t add(Game *g, hl_tick *t, int step)
{
    int64_t before = g->count;
    g->count += step;
    hl_log(t, "from %lld to %lld", (long long)before, (long long)g->count); // stop here
    return before;
}

static void update(Game *g, hl_tick *t)
{
    int64_t was = add(g, t, STEP);
    if (STEP == 66) {
        *g->nothing = was; // crash here
    }
    if (STEP == 10 && t->tick > 60 && was % 10 == g->count % 10) {
        hl_quit(t);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    (void)g;
    hl_clear(c, HL_BLACK);
}

HL_GAME(Game, init, update, draw, .title = "Debugged", .id = "debugged");
