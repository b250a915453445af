// expect: lost Map.tiles[1][4] ... 77
// expect: log 9
// expect: log 3
#include "edit.h"

typedef struct Map Map;
typedef struct Game {
    Map *map;
} Game;

struct Map {
    short tiles[4][3];
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(9, g->map->tiles[i / 3][i % 3] == i + 1));
    hl_log(t, "%d", COUNT(3, g->map->tiles[3][i] == 0));
}
