// HL_TWEAK is a variable with an initialiser like others: what is typed wins.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

HL_TWEAK(JUMP, 220, 0, 500);
HL_TWEAK(FALL, 10, 0, 50);

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        JUMP = 1;
        FALL = 11;
    }
    if (t->reloaded) {
        hl_log(t, "old %.0f %.0f", (double)JUMP, (double)FALL);
    }
}

EDIT_GAME(Game);
