// An array of one dimension gets a second one.
#include "edit.h"

typedef struct Game {
    int tiles[6];
    int end;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{1, 2, 3, 4, 5, 6}, 7};
}
