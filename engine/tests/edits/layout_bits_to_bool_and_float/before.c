// A bit-field becomes a bool, another one a float; a float becomes a bit-field.
#include "edit.h"

typedef struct Game {
    unsigned a : 9;
    int b : 6;
    unsigned d : 2;
    float c;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){256, -32, 0, 31};
}
