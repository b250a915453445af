// expect: carried a
// expect: carried b
// expect: carried table
// expect: log new 22 22 11
#include "edit.h"

typedef struct Game {
    int **at;
} Game;

static int a = 1, b = 2;
static char gap[99];
static int *table[3] = {&a, &b, NULL};

static void update(Game *g, hl_tick *t)
{
    gap[t->tick % 99]++;
    if (t->tick == 99999) {
        a = 11;
        b = gap[3];
        table[2] = &a;
        table[0] = &b;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d", *table[0], *table[1], **g->at);
    }
}

EDIT_GAME(Game);
