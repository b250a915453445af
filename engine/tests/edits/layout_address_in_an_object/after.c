// expect: refused-or Mob
// expect: log 1 9
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
    int hp;
    uintptr_t on;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d", g->mob->on == (uintptr_t)&g->tiles[2], g->mob->hp);
}
