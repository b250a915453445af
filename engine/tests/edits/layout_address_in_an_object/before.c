// An object holds the address of another one as a number; the type of the other one does not
// change, so nothing has to be refused.
#include "edit.h"

typedef struct Tile {
    int kind;
} Tile;
typedef struct Mob Mob;
typedef struct Game {
    Mob *mob;
    Tile *tiles;
} Game;

struct Mob {
    uintptr_t on;
    int hp;
};

EDIT_FILL(Game)
{
    g->tiles = hl_new(t, Tile, 4);
    g->mob = hl_new(t, Mob, 1);
    *g->mob = (Mob){(uintptr_t)&g->tiles[2], 9};
}
