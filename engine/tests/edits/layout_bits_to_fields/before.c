// Bit-fields become fields of their own, and fields become bit-fields.
#include "edit.h"

typedef struct Game {
    unsigned a : 5;
    int b : 5;
    bool c : 1;
    int d;
    unsigned char e;
    long f;
    bool g;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){31, -16, true, -500000, 255, -64, true};
}
