// Fields move into a new struct and change their type on the way: they are found by name and type,
// or named.
#include "edit.h"

typedef struct Game {
    int score;
    int x, y;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, 2, 3};
}
