// Enums in bit-fields go by name as well.
#include "edit.h"

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;

typedef struct Game {
    unsigned lives : 3;
    Mood mood : 4;
    Mood next : 3;
    unsigned gold : 22;
} Game;

EDIT_FILL(Game)
{
    g->lives = 5;
    g->mood = ANGRY;
    g->next = CALM;
    g->gold = 4000000;
}
