// One text of a table is typed anew, the game had exchanged two others.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static const char *words[] = {"one", "two", "three", "four"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        words[0] = "four";
        words[3] = "one";
        words[2] = "two";
    }
    if (t->reloaded) {
        hl_log(t, "old %s %s %s %s", words[0], words[1], words[2], words[3]);
    }
}

EDIT_GAME(Game);
