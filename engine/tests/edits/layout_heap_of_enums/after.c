// expect: migrated 0 lost
// expect: log 30
#include "edit.h"

typedef enum Tile { AIR, ROCK, GRASS, SAND, WATER } Tile;

typedef struct Game {
    Tile *tiles;
} Game;

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(30, g->tiles[i] == (i % 3 == 0 ? GRASS : i % 3 == 1 ? WATER : ROCK)));
}
