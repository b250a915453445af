// A new sub-struct has a field of the same name as one that stays where it is, and one that moves
// there.
#include "edit.h"

typedef struct Game {
    int x;
    int y;
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){1, 2, 3};
}
