// expect: carried score
// expect: log new 40 25 6 1
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static int bonus = 25;
static int list[3] = {4, 5, 6};
static int score = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    static int turn;
    turn++;
    if (t->tick == 1) {
        score = 40;
        bonus = 1;
        list[2] = 1;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %d", score, bonus, list[2], turn);
    }
}

EDIT_GAME(Game);
