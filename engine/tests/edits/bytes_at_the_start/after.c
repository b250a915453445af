// expect: carried body
// expect: log new 6 5
#include "edit.h"

typedef struct Game {
    void *any;
    int *mass;
} Game;

typedef struct Body {
    int mass;
    float y, x;
} Body;
static int room[50];
static Body body;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        body = (Body){.mass = 5, .x = 6};
        g->any = &body;
        g->mass = &body.mass;
    }
    if (t->reloaded) {
        room[t->tick % 50]++;
        hl_log(t, "new %.0f %d", (double)((Body *)g->any)->x, *g->mass);
    }
}

EDIT_GAME(Game);
