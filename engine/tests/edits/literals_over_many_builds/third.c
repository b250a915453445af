// expect: carried word
// expect: log newest from the first build, also from there
#include "edit.h"

typedef struct Game {
    const char *text;
} Game;

static const char *word = "none";

static void update(Game *g, hl_tick *t)
{
    if (t->tick == 99999) {
        word = "nobody at all";
    }
    if (t->reloaded) {
        hl_log(t, "newest %s, %s", g->text, word);
    }
}

EDIT_GAME(Game);
