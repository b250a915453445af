// An enum is packed into a byte, and gets other numbers with that; another one grows to 64 bits.
#include "edit.h"

typedef enum Mood { CALM, HUNGRY, ANGRY } Mood;
typedef enum Size { SMALL, LARGE } Size;

typedef struct Game {
    Mood moods[5];
    Size sizes[2];
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{CALM, HUNGRY, ANGRY, ANGRY, HUNGRY}, {SMALL, LARGE}, 99};
}
