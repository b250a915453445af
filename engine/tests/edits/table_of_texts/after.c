// expect: changed words[2]
// expect: log new four two THREE one
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static const char *words[] = {"one", "two", "THREE", "four", "five"};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        words[0] = "four";
        words[3] = "one";
        words[2] = "two";
    }
    if (t->reloaded) {
        hl_log(t, "new %s %s %s %s", words[0], words[1], words[2], words[3]);
    }
}

EDIT_GAME(Game);
