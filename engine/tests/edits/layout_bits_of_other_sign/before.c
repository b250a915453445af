// Bit-fields change their sign: negative and large values are named.
#include "edit.h"

typedef struct Game {
    int a : 4, b : 4;
    unsigned c : 4, d : 4;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){7, -1, 7, 8};
}
