// A union gets a larger member: right, or named; never silently wrong.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    int kind;
    union {
        int number;
        float part;
    } as;
} thing = {1, {5}};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        thing.kind = 2;
        thing.as.part = 0.75f;
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d", thing.kind, thing.as.part == 0.75f);
    }
}

EDIT_GAME(Game);
