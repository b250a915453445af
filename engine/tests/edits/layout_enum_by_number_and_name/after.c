// expect: log 1 1 1 1
#include "edit.h"

typedef enum Mood { CALM, HUNGRY = 5, BORED = 1, ANGRY } Mood;

typedef struct Game {
    Mood moods[3];
    Mood *at;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d %d", g->moods[0] == CALM, g->moods[1] == HUNGRY, g->moods[2] == ANGRY,
           g->at == &g->moods[1]);
}
