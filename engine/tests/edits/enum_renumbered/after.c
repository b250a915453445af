// expect: carried mood
// expect: carried all
// expect: log new 1 1 1 1
#include "edit.h"

typedef struct Game {
    int unused;
} Game;

typedef enum Mood { ASLEEP, CALM, PUZZLED, HUNGRY, ANGRY } Mood;
static Mood mood = CALM;
static Mood other = ANGRY;
static Mood all[3] = {CALM, HUNGRY, ANGRY};

static void update(Game *g, hl_tick *t)
{
    (void)g;
    if (t->tick == 1) {
        mood = HUNGRY;
        all[0] = ANGRY;
    }
    if (t->tick == 99999) {
        other = CALM;
    }
    if (t->reloaded) {
        hl_log(t, "new %d %d %d %d", mood == HUNGRY, other == ANGRY, all[0] == ANGRY,
               all[1] == HUNGRY);
    }
}

EDIT_GAME(Game);
