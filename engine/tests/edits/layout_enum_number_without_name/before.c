// A field holds a number that no enumerator has: it stays while the names go.
#include "edit.h"

typedef enum Move { STAND, WALK } Move;

typedef struct Game {
    Move moves[3];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{WALK, (Move)40, STAND}};
}
