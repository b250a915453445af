// A bit-field without name or width is put in, and one with width but without name is taken out.
#include "edit.h"

typedef struct Game {
    unsigned a : 3;
    unsigned : 7;
    unsigned b : 5;
    unsigned c : 6;
    int : 0;
    unsigned d : 9;
} Game;

EDIT_FILL(Game)
{
    *g = (Game){.a = 7, .b = 30, .c = 63, .d = 511};
}
