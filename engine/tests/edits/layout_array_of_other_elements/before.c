// The elements of arrays become wider, narrower and floats.
#include "edit.h"

typedef struct Game {
    signed char a[5];
    long b[3];
    int c[2][2];
    float d[3];
} Game;

EDIT_FILL(Game)
{
    *g = (Game){{-1, 2, -3, 4, -128}, {1, 40000, -32768}, {{1, 2}, {3, 4}}, {5, 6, -7}};
}
