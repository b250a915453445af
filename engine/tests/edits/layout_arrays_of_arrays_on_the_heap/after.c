// expect: migrated Tile: +height
// expect: migrated 200 objects moved, 0 lost
// expect: log 200
// expect: log 200
// expect: log 20 10 1
#include "edit.h"

typedef struct Tile Tile;
typedef struct Game {
    Tile **rows;
    int width, height;
    Tile *here;
} Game;

struct Tile {
    unsigned char kind;
    float height;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d", COUNT(200, g->rows[i / 20][i % 20].kind == i));
    hl_log(t, "%d", COUNT(200, g->rows[i / 20][i % 20].height == 0));
    hl_log(t, "%d %d %d", g->width, g->height, g->here == &g->rows[4][19]);
}
