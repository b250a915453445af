// Structs in an array of three dimensions, of which two change and the struct as well.
#include "edit.h"

typedef struct Cell {
    char kind;
    short height;
} Cell;
typedef struct Game {
    Cell world[2][3][4];
} Game;

EDIT_FILL(Game)
{
    EACH(24)
    {
        g->world[i / 12][i / 4 % 3][i % 4] = (Cell){(char)('a' + i), (short)(-i)};
    }
}
