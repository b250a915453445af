// expect: log new 4 c
#include "edit.h"
#define SET(variable, value) ((variable) = (value))

typedef struct Game {
    int unused;
} Game;

static int speed = 4;
static const char *names[] = {"a", "c"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 99999) {
        SET(speed, 9);
        SET(names[1], "d");
    }
    if (t->reloaded) {
        hl_log(t, "new %d %s", speed, names[1]);
    }
}

EDIT_GAME(Game);
