// A field could have moved into either of two new structs: that cannot be known, and it is named.
#include "edit.h"

typedef struct Game {
    int x;
    int score;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){7, 8};
}
