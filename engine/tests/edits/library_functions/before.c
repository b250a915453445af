// Pointers to functions of libc stay what they are.
#include "edit.h"
#include <string.h>

typedef struct Game {
    size_t (*length)(const char *text);
} Game;

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        g->length = strlen;
    }
    if (t->reloaded) {
        hl_log(t, "old %d", (int)g->length("four"));
    }
}

EDIT_GAME(Game);
