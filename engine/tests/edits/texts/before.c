// Text pointers keep what they point to while the typed text stays; a char array goes as a
// whole.
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

static const char *name = "fox";
static const char *title = "The Hunt";
static char word[16] = "apple";
static char input[8];

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
        hl_log(t, "old %s, %s, %s, %s", name, title, word, input);
    }
}

EDIT_GAME(Game);
