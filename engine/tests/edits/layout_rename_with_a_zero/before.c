// The field that goes is zero in all objects, and a new one of its type comes where it was: nothing
// can be lost.
#include "edit.h"

typedef struct Game {
    int a;
    int score;
} Game;

EDIT_FILL(Game)
{
    g->score = 4;
}
