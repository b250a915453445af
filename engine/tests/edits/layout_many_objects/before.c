// Thousands of objects of some types, a third of which change.
#include "edit.h"

typedef struct Mob Mob;
typedef struct Shot Shot;
typedef struct Tile {
    short kind, height;
} Tile;
typedef struct Game {
    Mob *mobs;
    Shot *shots;
    Tile *tiles;
} Game;

struct Mob {
    int hp;
    Shot *shot;
};
struct Shot {
    float x, y;
    Mob *by;
};

EDIT_FILL(Game)
{
    g->mobs = hl_new(t, Mob, 3000);
    g->shots = hl_new(t, Shot, 2000);
    g->tiles = hl_new(t, Tile, 10000);
    EACH(3000)
    {
        g->mobs[i] = (Mob){i, i < 2000 ? &g->shots[1999 - i] : NULL};
    }
    EACH(2000)
    {
        g->shots[i] = (Shot){(float)i, (float)-i, &g->mobs[i + 1000]};
    }
    EACH(10000)
    {
        g->tiles[i] = (Tile){(short)(i % 7), (short)i};
    }
}
