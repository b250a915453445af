// expect: migrated 1 object
// expect: log 5 6 7
// expect: log 1
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
    int more, hp;
};

EDIT_TELL(Game)
{
    hl_log(t, "%d %d %d", g->first->kind, g->first->next->kind, g->mob->hp);
    hl_log(t, "%d", (uint8_t *)g->first == g->memory + 64);
}
