// A map becomes narrower: one field is cut off that is not empty, and is named by its place.
#include "edit.h"

typedef struct Map Map;
typedef struct Game {
    Map *map;
} Game;

struct Map {
    short tiles[3][5];
};

EDIT_FILL(Game)
{
    g->map = hl_new(t, Map, 1);
    EACH(9)
    {
        g->map->tiles[i / 3][i % 3] = (short)(i + 1);
    }
    g->map->tiles[1][4] = 77;
}
