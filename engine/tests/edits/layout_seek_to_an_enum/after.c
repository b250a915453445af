// expect: log new 1 1
// do: pause
// do: seek 2
// do: resume
// expect: log tick 3: 1 1
#include "edit.h"

typedef struct Game Game;

typedef enum Mood { ANGRY, ASLEEP, CALM, HUNGRY } Mood;

struct Game {
    Mood mood;
    Mood last[2];
};

static void update(Game *g, hl_tick *t)
{
    if (t->reloaded) {
        hl_log(t, "new %d %d", g->mood == ANGRY, g->last[1] == CALM);
    }
    if (t->tick == 3) {
        hl_log(t, "tick 3: %d %d", g->mood == HUNGRY, g->last[1] == CALM);
    }
}

EDIT_GAME(Game);
