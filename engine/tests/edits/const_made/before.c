// A live variable is made a constant: the constant is the new one, and what it held is named.
#include "edit.h"
#define SET(variable, value) ((variable) = (value))

typedef struct Game {
    int unused;
} Game;

static int speed = 3;
static int still = 4;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        SET(speed, 30);
    }
    if (t->tick == 99999) {
        SET(still, 5);
    }
    if (t->reloaded) {
        const volatile int *see = &speed;
        hl_log(t, "old %d %d", *see, still);
    }
}

EDIT_GAME(Game);
