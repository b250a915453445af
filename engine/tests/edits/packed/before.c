// Pointers in a packed struct, which stand at odd places, follow as well.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct __attribute__((packed)) {
    char kind;
    void (*act)(hl_tick *t);
    const int *value;
} thing;
static int number = 1;
static void hop(hl_tick *t)
{
    hl_log(t, "old hop");
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        number = 9;
        thing.act = hop;
        thing.value = &number;
    }
    if (t->reloaded) {
        hl_log(t, "old %d", *thing.value);
        thing.act(t);
    }
}

EDIT_GAME(Game);
