// expect: carried first
// expect: carried pairs
// expect: log new 4 4 0
// expect: log new 3 4
#include "edit.h"

typedef struct Game {
    int *end;
    struct Pair *pair, *pair_end;
} Game;

typedef struct Pair {
    double a, b;
} Pair;
static Pair pairs[6];
static struct {
    int list[9];
} first;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->end = first.list + 4;
        g->pair_end = pairs + 4;
        g->pair = pairs;
        first.list[3] = 3;
        pairs[3].b = 4;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d", (int)(g->end - first.list), (int)(g->pair_end - pairs),
               (int)(g->pair - pairs));
        hl_log(t, "new %d %.0f", g->end[-1], g->pair_end[-1].b);
    }
}

EDIT_GAME(Game);
