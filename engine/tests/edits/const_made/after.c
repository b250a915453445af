// expect: lost speed
// expect: log new 3 4
#include "edit.h"
#define SET(variable, value) ((void)0)

typedef struct Game {
    int unused;
} Game;

static const int speed = 3;
static const int still = 4;

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
        hl_log(t, "new %d %d", *see, still);
    }
}

EDIT_GAME(Game);
