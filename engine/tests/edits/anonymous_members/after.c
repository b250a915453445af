// expect: carried thing
// expect: log new 2 3 4 fox
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    const char *name;
    int x, y;
    struct {
        int kind;
    };
} thing = {.kind = 1};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        thing.kind = 2;
        thing.x = 3;
        thing.y = 4;
        thing.name = "fox";
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %s", thing.kind, thing.x, thing.y, thing.name);
    }
}

EDIT_GAME(Game);
