// Fields of anonymous structs and unions count as their parent's, wherever they are put.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static struct {
    int kind;
    struct {
        int x, y;
    };
    const char *name;
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
        hl_log(t, "old %d %d %d %s", thing.kind, thing.x, thing.y, thing.name);
    }
}

EDIT_GAME(Game);
