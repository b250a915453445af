// Counts ticks and says so: the state is right when count is the sum of all steps so far. Cases
// replace STEP and the places marked for it.
#include "hotloop.h"

#ifndef STEP
#define STEP 1
#endif

typedef struct Game {
    int64_t count;
    int32_t presses;
    /* more fields */
} Game;

static void init(Game *g, hl_tick *t)
{
    g->count = 0;
    hl_log(t, "init with seed %u", t->seed);
}

static void update(Game *g, hl_tick *t)
{
    g->count += STEP;
    /* more rules */
    if (hl_pressed(t, HL_KEY_SPACE)) {
        g->presses++;
        hl_log(t, "pressed %d times by tick %llu", g->presses, (unsigned long long)t->tick);
    }
    if (t->reloaded) {
        hl_log(t, "new code: step %d total %lld tick %llu", STEP, (long long)g->count,
               (unsigned long long)t->tick);
    }
    if (t->tick % 5 == 0) {
        hl_log(t, "count %lld tick %llu", (long long)g->count, (unsigned long long)t->tick);
    }
}

static void draw(const Game *g, hl_canvas *c)
{
    hl_clear(c, 0x203040ff);
    hl_rect(c, (float)(g->count % 300), 80, 20, 20, HL_YELLOW);
    hl_text(c, 8, 8, 8, HL_WHITE, "count %lld", (long long)g->count);
}

HL_GAME(Game, init, update, draw, .title = "Counter", .id = "counter");
