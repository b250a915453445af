// An enumerator is taken out that an object has, and nothing else has its number: the number stays.
#include "edit.h"

typedef enum Mood { CALM, HUNGRY, ANGRY = 9 } Mood;

typedef struct Game {
    int more[1];
    Mood moods[2];
} Game;

EDIT_FILL(Game)
{
    g->moods[0] = (Mood)9;
    g->moods[1] = HUNGRY;
}
