// The same value written another way is no change: 0x10 and 4 * 4, 60.0f and 60.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int width = 16;
static float angle = 60.0f;
static const char *name = "fox";

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        width = 20;
        angle = 61.5f;
        name = "hen";
    }
    if (t->reloaded) {
        hl_log(t, "old %d %.1f %s", width, (double)angle, name);
    }
}

EDIT_GAME(Game);
