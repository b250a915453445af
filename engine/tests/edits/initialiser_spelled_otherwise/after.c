// expect: carried width
// expect: carried angle
// expect: carried name
// expect: log new 20 61.5 hen
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int width = 4 * 4;
static float angle = 0x3c;
static const char *name = "f"
                          "ox";

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        width = 20;
        angle = 61.5f;
        name = "hen";
    }
    if (t->reloaded) {
        hl_log(t, "new %d %.1f %s", width, (double)angle, name);
    }
}

EDIT_GAME(Game);
