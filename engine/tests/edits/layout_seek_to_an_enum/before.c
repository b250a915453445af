// Time is turned back to before an edit that renumbered an enum, and forward again.
#include "edit.h"

typedef struct Game Game;

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;

struct Game {
    Mood mood;
    Mood last[2];
};

static void update(Game *g, hl_tick *t)
{
    g->mood = t->tick < 3 ? HUNGRY : ANGRY;
    g->last[1] = CALM;
}

EDIT_GAME(Game);
