// A map of rows that each have an allocation of their own, whose elements change.
#include "edit.h"

typedef struct Tile Tile;
typedef struct Game {
    Tile **rows;
    int width, height;
    Tile *here;
} Game;

struct Tile {
    unsigned char kind;
};

EDIT_FILL(Game)
{
    g->width = 20;
    g->height = 10;
    g->rows = hl_new(t, Tile *, 10);
    EACH(10)
    {
        g->rows[i] = hl_new(t, Tile, 20);
    }
    EACH(200)
    {
        g->rows[i / 20][i % 20].kind = (unsigned char)i;
    }
    g->here = &g->rows[4][19];
}
