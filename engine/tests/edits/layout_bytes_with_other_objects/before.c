// Objects in carved bytes do not change; what changes is the struct beside them.
#include "edit.h"

typedef struct Tile {
    int kind;
    struct Tile *next;
} Tile;
typedef struct Mob Mob;
typedef struct Game {
    uint8_t *memory;
    Tile *first;
    Mob *mob;
} Game;

struct Mob {
    int hp;
};

EDIT_FILL(Game)
{
    g->memory = hl_new(t, uint8_t, 1024);
    g->first = (Tile *)(void *)(g->memory + 64);
    *g->first = (Tile){5, (Tile *)(void *)(g->memory + 128)};
    g->first->next->kind = 6;
    g->mob = hl_new(t, Mob, 1);
    g->mob->hp = 7;
}
