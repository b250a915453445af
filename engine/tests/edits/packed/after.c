// expect: carried number
// expect: carried thing
// expect: log new 9
// expect: log new hop 0
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int gap[40] = {1};
static int number = 1;
static struct __attribute__((packed)) {
    char kind;
    void (*act)(hl_tick *t);
    const int *value;
} thing;
static void hop(hl_tick *t)
{
    hl_log(t, "new hop %d", gap[7]);
}

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 99999) {
        gap[7] = number = 9;
        thing.act = hop;
        thing.value = &number;
    }
    if (t->reloaded) {
        hl_log(t, "new %d", *thing.value);
        thing.act(t);
    }
}

EDIT_GAME(Game);
