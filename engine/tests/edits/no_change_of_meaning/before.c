// Remarks, line breaks and renamed locals: everything goes on, nothing is named.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int score = 10;
static struct {
    float x, y;
} at = {1, 2};
static const char *names[] = {"a", "b"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        score = 40;
        at.x = 5;
        names[0] = "c";
    }
    if (t->reloaded) {
        hl_log(t, "old %d %.0f %.0f %s %s", score, (double)at.x, (double)at.y, names[0], names[1]);
    }
}

EDIT_GAME(Game);
