// A pointer of the state one past the end of an array, where another variable begins: its type
// tells.
#include "edit.h"

typedef struct Game {
    int *end;
    struct Pair *pair, *pair_end;
} Game;

typedef struct Pair {
    double a, b;
} Pair;
static struct {
    int list[4];
} first;
static Pair pairs[4];

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
        hl_log(t, "old %d %d %d", (int)(g->end - first.list), (int)(g->pair_end - pairs),
               (int)(g->pair - pairs));
        hl_log(t, "old %d %.0f", g->end[-1], g->pair_end[-1].b);
    }
}

EDIT_GAME(Game);
