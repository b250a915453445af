// A constant becomes a variable: it begins as typed, and nothing is lost.
#include "edit.h"
#define SET(variable, value) ((void)0)

typedef struct Game {
    int unused;
} Game;

static const int speed = 3;
static const char *const names[] = {"a", "b"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 99999) {
        SET(speed, 9);
        SET(names[1], "d");
    }
    if (t->reloaded) {
        hl_log(t, "old %d %s", speed, names[1]);
    }
}

EDIT_GAME(Game);
