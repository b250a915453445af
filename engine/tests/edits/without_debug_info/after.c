// expect: lost grown
// expect: changed speed
// expect: carried score
// expect: log new hop 1
// expect: log new 40 2 5
#include "edit.h"

typedef struct Game {
    void (*act)(hl_tick *t);
    void (*more[3])(hl_tick *t);
} Game;

static int more[30] = {1};
static int speed = 5;
static int grown[3] = {1, 2, 3};
static int score = 10;
static void hop(hl_tick *t)
{
    hl_log(t, "new hop %d", more[t->tick % 30] >= 0);
}

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 1) {
        score = 40;
        grown[1] = 20;
        speed = 30;
        g->act = hop;
    }
    if (t->reloaded) {
        g->act(t);
        hl_log(t, "new %d %d %d", score, grown[1], speed);
    }
}

EDIT_GAME(Game);
