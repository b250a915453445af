// expect: carried score
// expect: carried at
// expect: carried names
// expect: log new 40 5 2 c b
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

// A remark.
static int score = 10; // points
static struct {
    float x;
    float y;
} at = {.y = 2, .x = 1};
static const char *names[2] = {"a", "b"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        score = 40;
        at.x = 5;
        names[0] = "c";
    }
    if (t->reloaded) {
        hl_log(t, "new %d %.0f %.0f %s %s", score, (double)at.x, (double)at.y, names[0], names[1]);
    }
}

EDIT_GAME(Game);
