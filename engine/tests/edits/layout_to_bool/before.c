// Fields become bool: any number that is not zero is true, 256 and a quarter as well.
#include "edit.h"

typedef struct Game {
    int a, b;
    double c, d;
    unsigned char e;
    long f;
    float g;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){256, 0, 0.25, 0.0, 1, -(1L << 40), -0.0f};
}
