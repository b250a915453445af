// expect: changed JUMP
// expect: carried FALL
// expect: log new 260 11
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

HL_TWEAK(JUMP, 260, 0, 500);
HL_TWEAK(FALL, 10, 0, 50);

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        JUMP = 1;
        FALL = 11;
    }
    if (t->reloaded) {
        hl_log(t, "new %.0f %.0f", (double)JUMP, (double)FALL);
    }
}

EDIT_GAME(Game);
