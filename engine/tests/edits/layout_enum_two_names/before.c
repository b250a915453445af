// Two names of one number part: either of them is right.
#include "edit.h"

typedef enum Move { STAND, WAIT = 0, WALK, FIRST = 1 } Move;

typedef struct Game {
    Move moves[2];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{WAIT, WALK}};
}
