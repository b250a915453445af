// An enumerator is taken out that no object has: nothing is named.
#include "edit.h"

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;

typedef struct Game {
    Mood moods[3];
} Game;

EDIT_FILL(Game)
{
    g->moods[0] = ANGRY;
    g->moods[2] = ANGRY;
}
