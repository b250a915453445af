// An allocation of an enum, whose enumerators get other numbers.
#include "edit.h"

typedef enum Tile { GRASS, WATER, ROCK } Tile;

typedef struct Game {
    Tile *tiles;
} Game;

EDIT_FILL(Game)
{
    g->tiles = hl_new(t, Tile, 30);
    EACH(30)
    {
        g->tiles[i] = i % 3 == 0 ? GRASS : i % 3 == 1 ? WATER : ROCK;
    }
}
