// An enumerator's name goes to another number, and its old number to a new name.
#include "edit.h"

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;

typedef struct Game {
    Mood moods[3];
    Mood *at;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{CALM, HUNGRY, ANGRY}, &g->moods[1]};
}
