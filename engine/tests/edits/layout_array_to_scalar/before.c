// Arrays become single ones: the first element is kept, the others are named if they are not zero.
#include "edit.h"

typedef struct Slot {
    short a, b;
} Slot;

typedef struct Game {
    int hp[3];
    Slot slot[2];
    float zero[4];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{50, 0, 70}, {{1, 2}, {0, 0}}, {0.5f, 0, 0, 0}};
}
