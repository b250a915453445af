// One enumerator has another name, and the number of the old one: the number stays.
#include "edit.h"

typedef enum Move { STAND, WALK, JUMP } Move;

typedef struct Game {
    Move moves[3];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{STAND, WALK, JUMP}};
}
