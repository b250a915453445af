// expect: lost mood
// expect: carried kept
// expect: log new 1
#include "edit.h"
#define MOOD ANGRY

typedef struct Game {
    int unused;
} Game;

typedef enum Mood { CALM, ANGRY } Mood;
static Mood mood = CALM;
static Mood kept = CALM;

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        mood = MOOD;
        kept = ANGRY;
    }
    if (t->tick == 2) {
        hl_log(t, "new %d", mood == MOOD);
    }
    if (t->reloaded) {
        hl_log(t, "new %d", kept == ANGRY);
    }
}

EDIT_GAME(Game);
