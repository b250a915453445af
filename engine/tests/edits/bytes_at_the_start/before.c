// A pointer to the first byte of a struct: `void *` and a pointer to its first member mean it.
#include "edit.h"

typedef struct Game {
    void *any;
    int *mass;
} Game;

typedef struct Body {
    int mass;
    float x;
} Body;
static Body body;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        body = (Body){.mass = 5, .x = 6};
        g->any = &body;
        g->mass = &body.mass;
    }
    if (t->reloaded) {
        hl_log(t, "old %.0f %d", (double)((Body *)g->any)->x, *g->mass);
    }
}

EDIT_GAME(Game);
