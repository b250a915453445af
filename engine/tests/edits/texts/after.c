// expect: carried name
// expect: changed title
// expect: changed word
// expect: carried input
// expect: log new hen, The Great Hunt, pear, hi
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static const char *title = "The Great Hunt";
static char input[32];
static char word[16] = "pear";
static const char *name = "fox";

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        name = "hen";
        title = "none";
        word[0] = 'A';
        input[0] = 'h';
        input[1] = 'i';
    }
    if (t->reloaded) {
        hl_log(t, "new %s, %s, %s, %s", name, title, word, input);
    }
}

EDIT_GAME(Game);
