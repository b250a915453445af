// expect: changed table[9000]
// expect: log new 49986005 5
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int table[12000] = {1, 2, 3, [9000] = 5};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    for (int i = 0; t->tick == 1 && i < 10000; i++) {
        table[i] = i;
    }
    if (t->reloaded) {
        long sum = 0;
        for (int i = 0; i < 10000; i++) {
            sum += table[i];
        }
        hl_log(t, "new %ld %d", sum, table[9000]);
    }
}

EDIT_GAME(Game);
