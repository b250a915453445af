// A pointer to a pointer to a global, in the state and in a table.
#include "edit.h"

typedef struct Game {
    int **at;
} Game;

static int a = 1, b = 2;
static int *table[3] = {&a, &b, NULL};

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        a = 11;
        b = 22;
        table[2] = &a;
        table[0] = &b;
        g->at = &table[2];
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d", *table[0], *table[1], **g->at);
    }
}

EDIT_GAME(Game);
