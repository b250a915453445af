// Only a header is saved: both files that include it are built, and its statics go on in each.
#include "edit.h"
#include "level.h"

typedef struct Game {
    int unused;
} Game;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        level_counter += 10;
        rules_first(5);
    }
    if (t->tick == 2 || t->reloaded) {
        hl_log(t, "step %d: %d %d", LEVEL_STEP, level_counter, rules_first(0));
    }
}

EDIT_GAME(Game);
