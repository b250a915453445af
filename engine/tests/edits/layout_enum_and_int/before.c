// An enum becomes an int, and an int an enum: their numbers go on.
#include "edit.h"

typedef enum Mood { CALM, HUNGRY = 5, ANGRY = 10 } Mood;

typedef struct Game {
    Mood a;
    int b;
    Mood c;
    unsigned char d;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){ANGRY, 5, HUNGRY, 10};
}
