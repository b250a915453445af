// An extern of another file is one variable, statics of one name in two files are two.
#include "edit.h"
#include "rules.h"

typedef struct Game {
    int unused;
} Game;

static int count = 1;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        count = 7;
        shared_total = 70;
        rules_count(700);
    }
    if (t->reloaded) {
        hl_log(t, "old %d %d %d", count, shared_total, rules_count(0));
    }
}

EDIT_GAME(Game);
