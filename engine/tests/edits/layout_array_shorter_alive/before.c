// An array becomes shorter, and one element that is cut off is not zero: it is named.
#include "edit.h"

typedef struct Game {
    int score;
    int items[8];
    int x;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){5, {1, 2, 3, 4, 0, 12, 0, 0}, 6};
}
