// expect: carried thing
// expect: log new 2 0.75 9
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    int front, kind;
    union {
        int number;
        float part;
    };
    int tail;
} thing = {.kind = 1, .number = 5, .tail = 9};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        thing.kind = 2;
        thing.part = 0.75f;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %.2f %d", thing.kind, (double)thing.part, thing.tail);
    }
    if (t->tick == 99999) {
        thing.tail = 1;
    }
}

EDIT_GAME(Game);
