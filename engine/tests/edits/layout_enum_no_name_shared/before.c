// The names are all others: the numbers stay.
#include "edit.h"

typedef enum Move { MOVE_STAND, MOVE_WALK, MOVE_JUMP } Move;

typedef struct Game {
    char kind;
    Move moves[3];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){'k', {MOVE_JUMP, MOVE_STAND, MOVE_WALK}};
}
